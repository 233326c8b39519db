import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildAssignment, buildTrial, bundle, customerId, scriptKey } from '../build-assignment.ts';
import { buildHome } from '../build-home.ts';
import { buildServer, type FakeAnswer, type FakeRequest, problem } from '../build-server.ts';
import { Problems } from '../problems.ts';
import type { Assignment, Trial } from '../protocol/messages.ts';
import { sha256Hex } from '../protocol/statement.ts';
import { openSeal } from '../seal.ts';
import { Memory } from '../spool/memory.ts';
import { Spool } from '../spool/spool.ts';
import { Wake } from '../wake.ts';
import { AssignmentKeeper } from './assignments.ts';
import { Link } from './link.ts';
import { Scripts } from './scripts.ts';

const never = new AbortController().signal;
const bundleHash = sha256Hex(bundle);

/** A server of assignments; what it gives can be changed. */
class FakeAuthor {
  assignments: Assignment[] = [buildAssignment()];
  trials: Trial[] = [];
  keys = [scriptKey];
  pins = [`${'A'.repeat(43)}=`];
  bundle = bundle;
  etag = '"1"';

  answer({ path, headers }: FakeRequest): FakeAnswer {
    if (path.startsWith('/scripts/')) return { text: this.bundle, headers: { 'content-type': 'text/javascript' } };
    if (headers['if-none-match'] === this.etag) return { status: 304, text: '' };
    const { assignments, trials, keys: scriptKeys, pins } = this;
    return { json: { assignments, trials, scriptKeys, pins, serverTime: Date.now() }, headers: { etag: this.etag } };
  }

  give(...assignments: Assignment[]): void {
    this.assignments = assignments;
    this.etag = `"${Number(this.etag.slice(1, -1)) + 1}"`;
  }
}

async function buildWorld(author: { answer(request: FakeRequest): FakeAnswer } = new FakeAuthor()) {
  const home = buildHome();
  const server = await buildServer((request) => author.answer(request));
  const spool = new Spool({ file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
  const link = new Link({ server: server.url, trust: server.trust, sentinelId: 's', apiKey: 'key-1' });
  const scripts = new Scripts(path.join(home.folder, 'scripts'));
  const pins: string[][] = [];
  const settings = { home: home.folder, customerId, link, scripts, memory: new Memory(spool.file) };
  const open = () => new AssignmentKeeper({ ...settings, onPins: (set) => pins.push([...set]) });
  return {
    ...{ home: home.folder, server, scripts, pins, keeper: open(), open },
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      spool[Symbol.dispose]();
      home[Symbol.dispose]();
    },
  };
}

test('what to do and its script are there after one question', async () => {
  const author = new FakeAuthor();
  await using world = await buildWorld(author);
  assert.equal((await world.keeper.poll(never)).kind, 'done');
  assert.deepEqual(world.keeper.current(), author.assignments);
  assert.deepEqual(world.scripts.load(bundleHash), { state: 'here', code: bundle });
  assert.deepEqual(world.pins, [author.pins]);
  const [assignment] = world.keeper.current();
  assert.ok(assignment && world.keeper.trust(assignment).ok);
});

test('the script of a draft to be tried is fetched and judged as any other, and of another key it is not', async () => {
  const author = new FakeAuthor();
  const draft = buildTrial();
  Object.assign(author, { assignments: [], trials: [draft] });
  await using world = await buildWorld(author);
  await world.keeper.poll(never);
  assert.deepEqual(world.keeper.trials(), [draft]);
  assert.ok(world.keeper.trust(draft).ok);
  assert.equal(world.scripts.load(bundleHash).state, 'here');
  author.keys = [{ ...scriptKey, id: 'author-key' }];
  author.give();
  await world.keeper.poll(never);
  const refused = world.keeper.trust(draft);
  assert.ok(!refused.ok);
  assert.match(refused.reason, /signed with the key key-1, which this sentinel does not trust/);
});

test('the next question names what is known and lets the server wait; a script is fetched once', async () => {
  await using world = await buildWorld();
  await world.keeper.poll(never);
  assert.equal((await world.keeper.poll(never)).kind, 'unchanged');
  const paths = world.server.requests.map((r) => r.path);
  assert.deepEqual(paths, ['/assignments', `/scripts/${bundleHash}`, '/assignments']);
  const { headers } = world.server.requests[2] ?? {};
  assert.deepEqual([headers?.['if-none-match'], headers?.prefer], ['"1"', 'wait=28']);
});

test('a server that answers at once is not asked without a pause', async () => {
  const author = new FakeAuthor();
  const asked: number[] = [];
  const stop = new AbortController();
  await using world = await buildWorld({
    answer(request) {
      asked.push(performance.now());
      if (asked.length === 4) stop.abort();
      return author.answer(request);
    },
  });
  const begun = performance.now();
  await world.keeper.loop(new Wake(), new Problems(), stop.signal);
  const [, script = 0, second = 0, third = 0] = asked;
  assert.ok(script < second);
  // A pause is counted from the start of a question, which on a busy machine may reach the server late.
  assert.ok(second - begun > 900 && third - begun > 1900, asked.join(' '));
});

test('the last good answer outlives a restart and a server that answers nonsense', async () => {
  const author = new FakeAuthor();
  await using world = await buildWorld(author);
  await world.keeper.poll(never);
  author.answer = () => ({ json: { assignments: 'none' } });
  const restarted = world.open();
  assert.equal((await restarted.poll(never)).kind, 'none');
  assert.deepEqual(restarted.current(), author.assignments);
  assert.equal(restarted.trust(author.assignments[0] ?? buildAssignment()).ok, true);
});

test('pins that came just before a crash or with a full disk are taken over although nothing is new since', async () => {
  const author = new FakeAuthor();
  await using world = await buildWorld(author);
  await world.keeper.poll(never);
  world.pins.length = 0; // they were never taken over
  assert.equal((await world.open().poll(never)).kind, 'unchanged');
  assert.deepEqual(world.pins, [author.pins]);
});

test('an answer on disk that was damaged is asked for anew', async () => {
  await using world = await buildWorld();
  await world.keeper.poll(never);
  fs.writeFileSync(path.join(world.home, 'assignments.json'), '{"etag":"\\"1\\"","assi');
  const restarted = world.open();
  assert.deepEqual(restarted.current(), []);
  assert.equal((await restarted.poll(never)).kind, 'done');
  assert.equal(restarted.current().length, 1);
});

test('a version below the highest that was seen is refused, after a restart too, unless it is a rollback', async () => {
  const author = new FakeAuthor();
  await using world = await buildWorld(author);
  author.give(buildAssignment({}, { version: 5 }));
  await world.keeper.poll(never);
  const old = buildAssignment({}, { version: 4 });
  author.give(old);
  const restarted = world.open();
  await restarted.poll(never);
  const trusted = restarted.trust(old);
  assert.match(trusted.ok ? '' : trusted.reason, /version 4 is older than version 5/);
  assert.equal(restarted.trust(buildAssignment({}, { version: 4, rollback: true })).ok, true);
  assert.equal(restarted.trust(buildAssignment({}, { version: 5 })).ok, true);
});

test('a script signed by a stranger, for another customer, or changed after signing is neither trusted nor fetched', async () => {
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const genuine = buildAssignment();
  const changed = genuine.script.statement.replace('127.0.0.1', 'evil.example');
  const bad = [
    buildAssignment({}, {}, stranger),
    buildAssignment({}, { customerId: '88888888-2222-4333-8444-555555555555' }),
    buildAssignment({}, { keyId: 'key-2' }),
    buildAssignment({ script: { ...genuine.script, statement: changed } }),
    buildAssignment({ script: { statement: '{}', signature: genuine.script.signature } }),
  ];
  const author = new FakeAuthor();
  author.give(...bad);
  await using world = await buildWorld(author);
  await world.keeper.poll(never);
  for (const assignment of bad) assert.equal(world.keeper.trust(assignment).ok, false);
  assert.deepEqual(
    world.server.requests.map((r) => r.path),
    ['/assignments'],
  );
});

test('an altered bundle is not kept, and the right one is taken when it comes', async () => {
  const author = new FakeAuthor();
  await using world = await buildWorld(author);
  author.bundle = `${bundle}// altered`;
  const reply = await world.keeper.poll(never);
  assert.match(reply.kind === 'none' ? reply.why : '', /not the one that was signed/);
  assert.deepEqual(world.scripts.load(bundleHash), { state: 'altered' });
  author.bundle = bundle;
  await world.keeper.poll(never);
  assert.equal(world.server.requests.at(-2)?.headers.prefer, 'wait=0');
  assert.equal(world.scripts.load(bundleHash).state, 'here');
});

test('a bundle that was altered on disk is noticed at the next load and fetched again', async () => {
  await using world = await buildWorld();
  await world.keeper.poll(never);
  fs.appendFileSync(path.join(world.home, 'scripts', `${bundleHash}.js`), '// altered');
  assert.deepEqual(world.scripts.load(bundleHash), { state: 'altered' });
  await world.keeper.poll(never);
  assert.equal(world.scripts.load(bundleHash).state, 'here');
});

test('bundles that nothing names any more are removed', async () => {
  const author = new FakeAuthor();
  await using world = await buildWorld(author);
  await world.keeper.poll(never);
  author.give();
  await world.keeper.poll(never);
  assert.deepEqual(fs.readdirSync(path.join(world.home, 'scripts')), []);
});

test('a bundle that the server does not have leaves the rest as it is', async () => {
  const author = new FakeAuthor();
  await using world = await buildWorld({
    answer: (request) => (request.path.startsWith('/scripts/') ? problem(404, 'NOT_FOUND') : author.answer(request)),
  });
  assert.equal((await world.keeper.poll(never)).kind, 'refused');
  assert.equal(world.keeper.current().length, 1);
  assert.deepEqual(world.scripts.load(bundleHash), { state: 'missing' });
});
