import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from '../build-home.ts';
import { buildRun } from '../build-run.ts';
import { buildServer, type FakeAnswer, problem } from '../build-server.ts';
import { Boots } from './boots.ts';
import { Link, type LinkSettings } from './link.ts';

const { signal } = new AbortController();

function linkTo(server: Pick<LinkSettings, 'trust'> & { url: string }, more: Partial<LinkSettings> = {}) {
  return new Link({
    server: server.url,
    trust: server.trust,
    sentinelId: '99999999-2222-4333-8444-555555555555',
    apiKey: 'k',
    ...more,
  });
}

test('whether the server answers is not known before it was asked, nor from an answer that is too old', async () => {
  await using server = await buildServer(() => ({ status: 503 }));
  await using link = linkTo(server);
  const before = Date.now();
  assert.equal(link.answersSince(before), undefined);
  await link.assignments(undefined, 0, signal);
  assert.equal(link.answersSince(before), true, 'a refusal is an answer');
  assert.equal(link.answersSince(Date.now() + 1000), undefined);
});

test('a server that did not answer at the latest try is known not to, since whenever', async () => {
  const server = await buildServer(() => ({ json: {} }));
  await using link = linkTo(server);
  const before = Date.now();
  await link.assignments(undefined, 0, signal);
  await server[Symbol.asyncDispose]();
  await link.assignments(undefined, 0, signal);
  assert.equal(link.answersSince(before), false);
});

test('a call that meets the end of an idle connection is made once more, with a counter of its own', async () => {
  await using server = await buildServer(() => (server.requests.length === 2 ? 'cut' : { json: nothing }));
  await using link = linkTo(server);
  const kinds = [await link.assignments(undefined, 0, signal), await link.assignments(undefined, 0, signal)];
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    ['done', 'done'],
  );
  assert.deepEqual(
    server.requests.map(({ headers }) => headers['vedette-counter']),
    ['1', '2', '3'],
  );
});

test('one that shows another key did answer: the network is there', async () => {
  await using server = await buildServer(() => ({ json: {} }));
  await using link = linkTo({ ...server, trust: { ...server.trust, pins: new Set([`${'A'.repeat(43)}=`]) } });
  const before = Date.now();
  await link.assignments(undefined, 0, signal);
  assert.equal(link.answersSince(before), true);
});

test('a question that was called off says nothing', async () => {
  await using server = await buildServer(() => () => {});
  await using link = linkTo(server);
  const stop = new AbortController();
  const asked = link.assignments(undefined, 0, stop.signal);
  stop.abort();
  await asked;
  assert.equal(link.answersSince(0), undefined);
});

const nothing = { assignments: [], scriptKeys: [], pins: [`${'A'.repeat(43)}=`], serverTime: 1 };

test('each request says which start of the sentinel it comes from, and which came before until the server has answered', async () => {
  using home = buildHome();
  const file = path.join(home.folder, 'boots.json');
  const earlier = new Boots(file).current;
  await using server = await buildServer(() => ({ json: nothing }));
  const boots = new Boots(file);
  await using link = linkTo(server, { boots });
  await link.assignments(undefined, 0, signal);
  await link.assignments(undefined, 0, signal);
  const said = server.requests.map(({ headers }) => [
    headers['vedette-boot'],
    headers['vedette-boots-before'],
    headers['vedette-counter'],
  ]);
  assert.deepEqual(said, [
    [boots.current, earlier, '1'],
    [boots.current, 'known', '2'],
  ]);
});

test('told that another start has taken over, a sentinel begins a new one and asks again', async () => {
  using home = buildHome();
  const boots = new Boots(path.join(home.folder, 'boots.json'));
  const old = boots.current;
  await using server = await buildServer(({ headers }) =>
    headers['vedette-boot'] === old ? problem(403, 'BOOT_REPLACED') : { json: nothing },
  );
  await using link = linkTo(server, { boots });
  const replies = await Promise.all([link.assignments(undefined, 0, signal), link.assignments(undefined, 0, signal)]);
  assert.deepEqual(
    replies.map((reply) => reply.kind),
    ['done', 'done'],
  );
  const used = new Set(server.requests.map(({ headers }) => headers['vedette-boot']));
  assert.deepEqual(used, new Set([old, boots.current]), 'one new start for both');
});

for (const [status, code, words] of [
  [401, 'KEY_REVOKED', /revoked.*kept here.*enrol --anew/],
  [401, 'KEY_UNKNOWN', /does not know.*kept here.*enrol --anew/],
  [403, 'SENTINEL_PARKED', /parked.*another machine.*kept here.*enrol --anew/],
] as const) {
  test(`on ${code} a sentinel says what people can do, keeps everything, and asks seldom`, async () => {
    await using server = await buildServer(() => problem(status, code));
    using home = buildHome();
    const boots = new Boots(path.join(home.folder, 'boots.json'));
    await using link = linkTo(server, { boots });
    for (const reply of [await link.postRuns([], signal), await link.assignments(undefined, 0, signal)]) {
      assert.ok(reply.kind === 'unwelcome');
      assert.match(reply.why, words);
      assert.ok(reply.why.length <= 500, 'it is shown whole');
      assert.equal(reply.why.includes(boots.current), code === 'SENTINEL_PARKED', 'as the console lists it');
      assert.ok(reply.waitMs >= 60_000);
    }
  });
}

test('a stall on the way to the server has a phase and a beginning, and an end once the server answers', async () => {
  const answers: FakeAnswer[] = ['cut', { text: '<html>Sign in to the network</html>' }, { status: 503 }];
  await using server = await buildServer(() => answers.shift() ?? 'cut');
  await using link = linkTo(server);
  const ask = () => link.assignments(undefined, 0, signal);
  await ask();
  const { phase, from } = link.stall ?? {};
  assert.equal(phase, 'HTTP');
  await ask();
  assert.deepEqual(link.stall, { phase: 'HTTP', from }, "somebody else's page is no answer");
  await ask();
  assert.deepEqual([link.stall, link.stalls.length, link.stalls[0]?.from], [undefined, 1, from]);
});

test('a message for which there was no connection is not written down as sent', async () => {
  const notes: (string | number)[] = [];
  const journal = {
    add: ({ call }: { call: string }) => notes.push(call),
    takeBack: (id: number) => void notes.splice(id - 1),
    count: (call: string, by: number) => void notes.push(`${call} ${by}`),
  };
  await using server = await buildServer(() => 'cut');
  const common = { sentinelId: '99999999-2222-4333-8444-555555555555', apiKey: 'k', trust: server.trust, journal };
  await using nowhere = new Link({ ...common, server: 'https://localhost:1' });
  await nowhere.postRuns([buildRun()], signal);
  assert.deepEqual([notes, nowhere.stall?.phase], [[], 'TCP']);
  await nowhere.assignments(undefined, 0, signal);
  assert.deepEqual(notes, ['GET /assignments 1', 'GET /assignments -1']);
  await using link = new Link({ ...common, server: server.url });
  await link.postRuns([buildRun()], signal);
  assert.equal(notes.at(-1), 'POST /runs', 'it may have arrived');
});

test('a clock that is set between two exchanges is off by as much more or less, and sleep is no such thing', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const hour = 3_600_000;
  let uptime = 5000;
  await using server = await buildServer(() => ({ json: { serverTime: Date.now() + 2 * hour, runs: [] } }));
  await using link = linkTo(server, { uptime: () => uptime });
  await link.postRuns([buildRun()], signal);
  const hoursOff = () => Math.round((link.clockOffsetMs ?? 0) / hour) + 0; // no -0
  assert.equal(hoursOff(), 2);
  t.mock.timers.setTime(Date.now() + 2 * hour);
  assert.equal(hoursOff(), 0);
  t.mock.timers.setTime(Date.now() - 3 * hour);
  assert.equal(hoursOff(), 3);
  uptime += 8 * hour;
  t.mock.timers.setTime(Date.now() + 8 * hour);
  assert.equal(hoursOff(), 3);
});
