import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildCa, buildCertificate } from '../../certs/build-certificates.ts';
import { spkiPin } from '../../certs/pin.ts';
import { until } from '../../test/faults/until.ts';
import { buildHome } from '../build-home.ts';
import { buildProxy } from '../build-proxy.ts';
import { buildFile, buildRun } from '../build-run.ts';
import { buildServer, type FakeAnswer, type FakeRequest, problem } from '../build-server.ts';
import { Problems } from '../problems.ts';
import { Run, type RunAnswer } from '../protocol/messages.ts';
import { httpProxy } from '../proxy-address.ts';
import { openSeal } from '../seal.ts';
import { outletOf } from '../settings/outlet.ts';
import type { Settings } from '../settings/settings.ts';
import { Spool } from '../spool/spool.ts';
import { Wake } from '../wake.ts';
import { BackOff } from './back-off.ts';
import { Connection } from './connection.ts';
import { Link, type LinkSettings } from './link.ts';
import { type Outlet, Push } from './push.ts';

const sentinelId = '99999999-2222-4333-8444-555555555555';
const never = new AbortController().signal;

/** A server that keeps what it is sent, by id, and answers as it should. */
class FakeStore {
  readonly runs = new Map<string, unknown>();
  readonly evidence = new Map<string, Buffer>();
  inserts = 0;

  take({ path, body }: FakeRequest): FakeAnswer {
    if (path.startsWith('/evidence/')) {
      this.evidence.set(path.slice('/evidence/'.length), body);
      return { status: 204, text: '' };
    }
    return answersTo(this.#insert(JSON.parse(body.toString()).runs));
  }

  #insert(runs: unknown[]): RunAnswer[] {
    return runs.map((content) => {
      const run = Run.parse(content);
      if (this.runs.has(run.id)) return { id: run.id, status: 'exists' };
      this.inserts++;
      this.runs.set(run.id, run);
      return { id: run.id, status: 'stored' };
    });
  }
}

function answersTo(runs: RunAnswer[]): FakeAnswer {
  return { json: { runs, serverTime: Date.now() } };
}

async function buildWorld(
  answer: (request: FakeRequest) => FakeAnswer,
  { outlet, connect, ...clocks }: { outlet?: Outlet; uptime?: () => number } & Pick<LinkSettings, 'connect'> = {},
) {
  const home = buildHome(process.env.VEDETTE_TEST_MEMORY);
  const server = await buildServer(answer);
  const spool = new Spool({
    file: path.join(home.folder, 'spool.sqlite'),
    seal: openSeal(home.folder, 'spool'),
    ...clocks,
  });
  const carrier = connect ? { connect } : {};
  const link = new Link({ server: server.url, trust: server.trust, sentinelId, apiKey: 'key-1', ...carrier });
  return {
    ...{ server, spool, link, push: new Push(spool, link, outlet) },
    /** Steps until nothing moves any more; the last step. */
    async drain() {
      for (;;) {
        const step = await this.push.step(never);
        if (step.kind !== 'moved' && step.kind !== 'narrowed') return step;
      }
    },
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      spool[Symbol.dispose]();
      home[Symbol.dispose]();
    },
  };
}

function idsIn({ body }: FakeRequest): string[] {
  return JSON.parse(body.toString()).runs.map((run: { id: string }) => run.id);
}

test('runs go out oldest first in batches of 100, then the evidence of each, and the spool is empty', async () => {
  const store = new FakeStore();
  await using world = await buildWorld((request) => store.take(request));
  const runs = Array.from({ length: 230 }, () => buildRun());
  const file = buildFile();
  for (const run of runs) world.spool.add(run, run === runs[0] ? [file] : []);
  assert.deepEqual(await world.drain(), { kind: 'idle' });
  assert.deepEqual([...store.runs.values()], runs);
  assert.deepEqual(store.evidence.get(file.sha256), file.content);
  assert.deepEqual(
    world.server.requests.map((r) => r.method),
    ['POST', 'POST', 'POST', 'PUT'],
  );
  assert.deepEqual([world.spool.depth().waiting, world.spool.depth().evidence], [0, 0]);
});

test('every request says who asks, from which start, and counts', async () => {
  const store = new FakeStore();
  await using world = await buildWorld((request) => store.take(request));
  for (let i = 0; i < 150; i++) world.spool.add(buildRun(), []);
  await world.drain();
  const sent = world.server.requests.map(({ headers }) => headers);
  assert.deepEqual(
    sent.map((h) => [h.authorization, h['vedette-sentinel'], h['vedette-counter']]),
    [
      ['Bearer key-1', sentinelId, '1'],
      ['Bearer key-1', sentinelId, '2'],
    ],
  );
  assert.equal(sent[0]?.['vedette-boot'], sent[1]?.['vedette-boot']);
});

test('an acknowledgement that is lost costs a repeat, never a run and never a second row', async () => {
  const store = new FakeStore();
  let asked = 0;
  await using world = await buildWorld((request) => {
    const answer = store.take(request);
    return ++asked % 2 === 1 ? 'cut' : answer;
  });
  const [rounds, each] = process.env.VEDETTE_LONG ? [100, 1000] : [1, 320];
  for (let round = 1; round <= rounds; round++) {
    for (let i = 0; i < each; i++) world.spool.add(buildRun(), []);
    while (world.spool.depth().waiting > 0) await world.push.step(never);
    assert.equal(store.inserts, round * each);
  }
  assert.equal(asked, rounds * 2 * Math.ceil(each / 100));
  assert.equal(world.spool.depth().acknowledged, rounds * each);
});

test('a line or server that does not manage a batch in time gets smaller ones, and larger ones again once it does', async () => {
  const store = new FakeStore();
  let most = 7;
  /** Takes longer than the deadline for more than `most` runs. */
  const connect: LinkSettings['connect'] = (server, trust) => {
    const connection = new Connection(server, trust);
    const fast = connection.exchange.bind(connection);
    connection.exchange = (asked, stop) => {
      const count = JSON.parse(String(asked.body)).runs.length;
      return count > most ? Promise.reject(new DOMException('late', 'TimeoutError')) : fast(asked, stop);
    };
    return connection;
  };
  await using world = await buildWorld((request) => store.take(request), { connect });
  for (let i = 0; i < 100; i++) world.spool.add(buildRun(), []);
  const kinds: string[] = [];
  while (store.inserts < 50) kinds.push((await world.push.step(never)).kind);
  assert.deepEqual(kinds.slice(0, 5), ['later', 'later', 'later', 'later', 'moved']);
  const late = kinds.filter((kind) => kind === 'later').length;
  assert.ok(late < kinds.length / 2, `${late} of ${kinds.length} tries in vain`);
  most = 100;
  await world.drain();
  const sizes = world.server.requests.map((request) => idsIn(request).length);
  assert.ok(Math.max(...sizes) > 9, `${sizes}`);
});

test('of a batch that is taken in part the rest stays, what is rejected is set aside', async () => {
  const runs = [buildRun(), buildRun(), buildRun(), buildRun(), buildRun()] as const;
  const [stored, exists, rejected, later, unnamed] = runs;
  await using world = await buildWorld((request) =>
    idsIn(request).length === 5
      ? answersTo([
          { id: stored.id, status: 'stored' },
          { id: exists.id, status: 'exists' },
          { id: rejected.id, status: 'rejected', reason: 'unknown monitor' },
          { id: later.id, status: 'later' },
          { id: 'a stranger', status: 'stored' },
        ])
      : answersTo([{ id: later.id, status: 'later', reason: 'the disk is nearly full' }]),
  );
  for (const run of runs) world.spool.add(run, []);
  assert.deepEqual(await world.push.step(never), { kind: 'moved' });
  assert.deepEqual(world.spool.oldestRuns(9, 1e6), [later, unnamed]);
  assert.deepEqual(world.spool.rejected(9), [{ id: rejected.id, reason: 'unknown monitor' }]);
  assert.deepEqual(await world.push.step(never), { kind: 'later', why: 'the disk is nearly full' });
});

const noAnswers: Record<string, FakeAnswer> = {
  'an empty 200': { text: '' },
  'a page of a captive portal': { text: '<html>Please sign in</html>', headers: { 'content-type': 'text/html' } },
  'JSON of someone else': { json: { ok: true } },
  'answers without a time': { json: { runs: [] } },
  'a list of all runs as stored, cut in the middle': { text: '{"runs":[{"id":"x","status":"sto' },
  'bytes that are no UTF-8': { text: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
  'a compressed body that was not asked for': {
    text: gzipSync('{"runs":[],"serverTime":1}'),
    headers: { 'content-encoding': 'gzip' },
  },
  'more bytes than any answer has': { text: Buffer.alloc(9_000_000, 0x20) },
  'a 404 that is no problem document': { status: 404, text: 'not found' },
  'a 401 with a problem document': problem(401, 'KEY_REVOKED'),
  'a 500': problem(500, 'SERVER_ERROR'),
  'a body shorter than announced': (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"runs":[');
    response.destroy();
  },
};
for (const [name, answer] of Object.entries(noAnswers)) {
  test(`${name} is no acknowledgement: everything stays`, async () => {
    await using world = await buildWorld(() => answer);
    const runs = [buildRun(), buildRun()];
    for (const run of runs) world.spool.add(run, [buildFile()]);
    const step = await world.push.step(never);
    assert.notEqual(step.kind, 'moved');
    assert.notEqual(step.kind, 'idle');
    assert.deepEqual(world.spool.oldestRuns(9, 1e6), runs);
    assert.equal(world.spool.depth().evidence, 2);
  });
}

test('a redirect is not followed', async () => {
  await using elsewhere = await buildServer(() => answersTo([]));
  for (const status of [301, 302, 303, 307, 308]) {
    await using world = await buildWorld(() => ({
      status,
      headers: { location: `${elsewhere.url}/sentinel/v1/runs` },
    }));
    world.spool.add(buildRun(), []);
    const step = await world.push.step(never);
    assert.match(step.kind === 'later' ? step.why : '', /redirects/);
    assert.equal(world.spool.depth().waiting, 1);
  }
  assert.equal(elsewhere.requests.length, 0);
});

test('a busy server is given the time it asks for', async () => {
  for (const status of [429, 503]) {
    await using world = await buildWorld(() => problem(status, 'BUSY', { 'retry-after': '7' }));
    world.spool.add(buildRun(), []);
    const step = await world.push.step(never);
    assert.deepEqual([step.kind, step.kind === 'later' && step.waitMs], ['later', 7000]);
  }
});

test('one run that the server cannot take is found and set aside, wherever it is, the others arrive', async () => {
  for (const place of [0, 60, 129]) {
    const store = new FakeStore();
    const runs = Array.from({ length: 130 }, () => buildRun());
    const poison = runs[place]?.id ?? '';
    await using world = await buildWorld((request) =>
      idsIn(request).includes(poison) ? problem(400, 'BODY_WRONG') : store.take(request),
    );
    for (const run of runs) world.spool.add(run, []);
    assert.deepEqual(await world.drain(), { kind: 'idle' });
    assert.equal(store.inserts, 129);
    assert.deepEqual(world.spool.rejected(9), [{ id: poison, reason: 'because BODY_WRONG [BODY_WRONG]' }]);
  }
});

/** Steps until nothing is left to do now; the waits that the loop would make in between, ms of fake time. */
async function waitsUntilIdle({ push }: { push: Push }, most = 200): Promise<number[]> {
  const backOff = new BackOff(() => 1);
  const waits: number[] = [];
  for (let i = 0; i < most; i++) {
    const step = await push.step(never);
    if (step.kind === 'idle') return waits;
    if (step.kind === 'later') waits.push(backOff.next(step.waitMs));
    else if (step.kind === 'moved') backOff.reset();
  }
  assert.fail('it never came to rest');
}

test('runs over which the server fails delay the others by less than 10 s, are kept, and are tried again at growing intervals', async () => {
  for (const places of [[0], [60], [129], [0, 1, 2], [5, 99, 128]]) {
    const store = new FakeStore();
    const runs = Array.from({ length: 130 }, () => buildRun());
    const poison = new Set(places.map((place) => runs[place]?.id ?? ''));
    let isMended = false;
    let uptime = 0;
    await using world = await buildWorld(
      (request) =>
        !isMended && request.method === 'POST' && idsIn(request).some((id) => poison.has(id))
          ? problem(500, 'SERVER_ERROR')
          : store.take(request),
      { uptime: () => uptime },
    );
    // Which other run shows that the server works is left to chance: here none of the poisoned.
    const pushing = { push: new Push(world.spool, world.link, undefined, () => 0.5) };
    const file = buildFile();
    for (const run of runs) world.spool.add(run, run === runs[3] ? [file] : []);
    const waits = await waitsUntilIdle(pushing);
    const total = waits.reduce((a, b) => a + b, 0);
    assert.equal(store.inserts, 130 - poison.size, `${places}`);
    assert.ok(total < 10_000 * poison.size, `${places}: ${total} ms`);
    assert.ok(store.evidence.has(file.sha256));
    const { putOff, waiting, rejected } = world.spool.depth();
    assert.deepEqual([putOff, waiting, rejected], [poison.size, poison.size, 0]);
    const intervals: number[] = [];
    for (let i = 0; i < 3; i++) {
      const before = uptime;
      while (world.spool.nextPutOff() === undefined) uptime += 1000;
      intervals.push(uptime - before);
      await waitsUntilIdle(pushing);
    }
    assert.ok(
      intervals.every((ms, i) => i === 0 || ms > (intervals[i - 1] ?? 0)),
      `${intervals}`,
    );
    isMended = true;
    uptime += 24 * 3_600_000;
    await waitsUntilIdle(pushing);
    assert.deepEqual([store.inserts, world.spool.depth().waiting], [130, 0]);
  }
});

test('a server that fails over every run is asked ever less, and no run is put off for it', async () => {
  const store = new FakeStore();
  let isBroken = true;
  await using world = await buildWorld((request) => (isBroken ? problem(500, 'SERVER_ERROR') : store.take(request)));
  for (let i = 0; i < 130; i++) world.spool.add(buildRun(), []);
  for (let i = 0; i < 200; i++) await world.push.step(never);
  const [first = 0, second = 0] = [100, 200].map(
    (n) => world.server.requests.slice(n - 100, n).filter((request) => idsIn(request).length < 100).length,
  );
  assert.ok(second < first, 'less and less often a run is looked for that is not there');
  assert.deepEqual([world.spool.depth().putOff, world.spool.depth().waiting], [0, 130]);
  isBroken = false;
  assert.deepEqual(await world.drain(), { kind: 'idle' });
  assert.equal(store.inserts, 130);
});

test('evidence that the server declines is set aside and does not stop the next', async () => {
  const store = new FakeStore();
  const [declined, taken] = [buildFile(), buildFile()];
  await using world = await buildWorld((request) =>
    request.path.endsWith(declined.sha256) ? problem(413, 'TOO_LARGE') : store.take(request),
  );
  world.spool.add(buildRun(), [declined, taken]);
  assert.deepEqual(await world.drain(), { kind: 'idle' });
  assert.deepEqual([...store.evidence.keys()], [taken.sha256]);
});

test('while the server takes no evidence runs go out at once, it is told, and then the evidence goes', async () => {
  const store = new FakeStore();
  let [isFull, tries] = [true, 0];
  await using world = await buildWorld((request) => {
    if (request.method === 'PUT') tries++;
    return request.method === 'PUT' && isFull ? problem(503, 'DISK_FULL') : store.take(request);
  });
  const [wake, problems, stop] = [new Wake(), new Problems(), new AbortController()];
  world.spool.add(buildRun(), [buildFile(), buildFile()]);
  const push = new Push(world.spool, world.link, undefined, () => 0);
  const loop = push.loop(wake, problems, stop.signal, new BackOff(() => assert.fail('runs wait for nothing')));
  await until('the evidence is put off', () => tries === 1);
  for (let runs = 2; runs < 12; runs++) {
    world.spool.add(buildRun(), []);
    wake.ring();
    await until('the run is there', () => store.runs.size === runs);
  }
  await until('it is told', () => /^evidence is kept: .*DISK_FULL/.test(problems.list().join()));
  isFull = false;
  await until('the evidence is there', () => store.evidence.size === 2);
  await until('nothing is told any more', () => problems.list().length === 0);
  stop.abort();
  await loop;
});

test('evidence stays when the answer is a page of somebody else', async () => {
  const store = new FakeStore();
  await using world = await buildWorld((request) =>
    request.method === 'PUT' ? { text: '<html>Please sign in</html>' } : store.take(request),
  );
  world.spool.add(buildRun(), [buildFile()]);
  assert.equal((await world.drain()).kind, 'later');
  assert.equal(world.spool.depth().evidence, 1);
});

test('the clock of the server is measured at an exchange', async () => {
  await using world = await buildWorld((request) => ({
    json: { runs: idsIn(request).map((id) => ({ id, status: 'stored' })), serverTime: Date.now() + 3_600_000 },
  }));
  assert.equal(world.link.clockOffsetMs, undefined);
  world.spool.add(buildRun(), []);
  await world.drain();
  assert.ok(Math.abs((world.link.clockOffsetMs ?? 0) - 3_600_000) < 1000);
});

test('a server with another key gets nothing, the spool keeps everything and the problem names both', async () => {
  const store = new FakeStore();
  await using world = await buildWorld((request) => store.take(request));
  const stranger = await buildCa();
  world.link.trust({ ca: world.server.trust.ca, pins: new Set([spkiPin(stranger.raw)]) });
  world.spool.add(buildRun(), []);
  const step = await world.push.step(never);
  assert.match(step.kind === 'later' ? step.why : '', /signed by CN=Vedette test authority/);
  assert.equal(world.server.requests.length, 0);
  assert.equal(world.spool.depth().waiting, 1);
});

test('behind a proxy that re-signs TLS everything is kept, the problem names it, and tries grow seldom', async () => {
  const store = new FakeStore();
  await using world = await buildWorld((request) => store.take(request));
  const authority = await buildCa({ subject: 'CN=Acme TLS Inspection' });
  const leaf = await buildCertificate({ issuer: authority });
  await using resigning = await buildProxy({ resign: { leaf, authority } });
  const { url: server, trust } = world.server;
  const proxy = httpProxy(resigning.url);
  await using link = new Link({
    ...{ server, trust, sentinelId, apiKey: 'canary' },
    connect: (...to) => new Connection(...to, { proxy }),
  });
  const [run, file] = [buildRun(), buildFile()];
  world.spool.add(run, [file]);
  const stop = new AbortController();
  const waits: number[] = [];
  /** Waits nothing, and notes what it would have waited at the most. */
  class Hasty extends BackOff {
    override next(askedMs?: number): number {
      waits.push(super.next(askedMs));
      if (waits.length === 10) stop.abort();
      return 0;
    }
  }
  const said = new Set<string>();
  const problems = new Problems((sentences) => {
    for (const sentence of sentences) said.add(sentence);
  });
  await new Push(world.spool, link).loop(new Wake(), problems, stop.signal, new Hasty(() => 1));
  assert.deepEqual([resigning.seen.clearBytes, world.server.requests.length], [0, 0]);
  const { waiting, evidence } = world.spool.depth();
  assert.deepEqual([waiting, evidence], [1, 1]);
  assert.match(
    [...said].join('\n'),
    /^runs are kept, not yet sent: .*signed by CN=Acme TLS Inspection\. A proxy re-signs TLS.*$/,
  );
  assert.deepEqual([waits[0], Math.max(...waits), waits.at(-1)], [2000, 300_000, 300_000]);
  assert.equal((await world.drain()).kind, 'idle');
  assert.ok(store.runs.has(run.id) && store.evidence.has(file.sha256), 'let through, it is all there');
});

test('the loop sends what is rung for, tells what is wrong meanwhile, and ends at once when it is stopped', async () => {
  const store = new FakeStore();
  let up = false;
  const reached = Promise.withResolvers<void>();
  await using world = await buildWorld((request) => {
    if (!up) return problem(503, 'BUSY');
    reached.resolve();
    return store.take(request);
  });
  const stop = new AbortController();
  const seen: string[][] = [];
  const failed = Promise.withResolvers<void>();
  const problems = new Problems((sentences) => {
    seen.push(sentences);
    failed.resolve();
  });
  const wake = new Wake();
  const loop = world.push.loop(wake, problems, stop.signal, new BackOff(() => 0));
  world.spool.add(buildRun(), []);
  wake.ring();
  await failed.promise;
  assert.match(seen[0]?.[0] ?? '', /runs are kept, not yet sent: the server is busy/);
  up = true;
  await reached.promise;
  stop.abort();
  await loop;
});

test('a limit of bytes a day holds files back first, then runs, and all of it goes once there is room', async () => {
  const store = new FakeStore();
  const MiB = 1024 * 1024;
  let sent = 0;
  const outlet = outletOf(
    () => ({ mibPerDay: 8 }),
    () => sent,
  );
  await using world = await buildWorld((request) => store.take(request), { outlet });
  world.spool.add(buildRun(), [buildFile(MiB)]);
  sent = 5 * MiB;
  assert.deepEqual(await world.drain(), { kind: 'idle' }, 'there is room for both');
  world.spool.add(buildRun(), [buildFile(MiB)]);
  sent = 5 * MiB + 1;
  assert.deepEqual(await world.drain(), { kind: 'held', what: 'screenshots and other evidence' });
  assert.deepEqual([store.runs.size, store.evidence.size], [2, 1]);
  sent = 8 * MiB;
  world.spool.add(buildRun(), []);
  assert.deepEqual(await world.drain(), { kind: 'held', what: 'runs and their evidence' });
  assert.deepEqual([store.runs.size, world.spool.depth().waiting], [2, 1]);
  sent = 0;
  assert.deepEqual(await world.drain(), { kind: 'idle' });
  assert.deepEqual([store.runs.size, store.evidence.size], [3, 2]);
});

test('what shows failures goes before what passed, and of a limit of bytes a day has a part for itself', async () => {
  const store = new FakeStore();
  const MiB = 1024 * 1024;
  let sent = 4 * MiB;
  const outlet = outletOf(
    () => ({ mibPerDay: 8 }),
    () => sent,
  );
  await using world = await buildWorld((request) => store.take(request), { outlet });
  const [passed, failed] = [{ ...buildFile(), whenPassed: true }, buildFile()];
  world.spool.add(buildRun(), [passed]);
  world.spool.add(buildRun(), [failed]);
  assert.deepEqual(await world.drain(), { kind: 'held', what: 'screenshots of what passed' });
  assert.deepEqual([...store.evidence.keys()], [failed.sha256]);
  sent = 0;
  assert.deepEqual(await world.drain(), { kind: 'idle' });
  assert.deepEqual([...store.evidence.keys()], [failed.sha256, passed.sha256]);
});

test('what is held back is told, and sent at once when the limit is lifted', async () => {
  const store = new FakeStore();
  let settings: Settings = { mibPerDay: 8 };
  const outlet = outletOf(
    () => settings,
    () => 8 * 1024 * 1024,
  );
  await using world = await buildWorld((request) => store.take(request), { outlet });
  const [problems, wake, stop] = [new Problems(), new Wake(), new AbortController()];
  world.spool.add(buildRun(), []);
  const loop = world.push.loop(wake, problems, stop.signal);
  await until('it is told', () => /runs and their evidence wait: .* mibPerDay/.test(problems.list().join()));
  settings = {};
  wake.ring();
  await until('the run is there', () => store.runs.size === 1);
  await until('nothing is wrong', () => problems.list().length === 0);
  stop.abort();
  await loop;
});

test('texts of pages that wait when their setting says never stay on the device, and pictures go', async () => {
  const store = new FakeStore();
  const outlet = outletOf(
    () => ({ pageTexts: 'never' }),
    () => 0,
  );
  await using world = await buildWorld((request) => store.take(request), { outlet });
  const [picture, aria, trace] = [buildFile(), buildFile(), buildFile()];
  const files = [picture, { ...aria, mediaType: 'text/yaml' }, { ...trace, mediaType: 'application/zip' }];
  world.spool.add(buildRun(), files);
  assert.deepEqual(await world.drain(), { kind: 'idle' });
  assert.deepEqual([...store.evidence.keys()], [picture.sha256]);
});

test('a screenshot that was taken before its setting says never stays on the device', async () => {
  const store = new FakeStore();
  const outlet = outletOf(
    () => ({ screenshots: 'never' }),
    () => 0,
  );
  await using world = await buildWorld((request) => store.take(request), { outlet });
  const aria = { ...buildFile(), mediaType: 'text/yaml' };
  world.spool.add(buildRun(), [buildFile(), aria]);
  assert.deepEqual(await world.drain(), { kind: 'idle' });
  assert.deepEqual([...store.evidence.keys()], [aria.sha256]);
});
