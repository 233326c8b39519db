import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { until } from '../test/faults/until.ts';
import { buildAssignment, bundle, customerId, scriptKey } from './build-assignment.ts';
import { buildHome } from './build-home.ts';
import { buildFile } from './build-run.ts';
import { FakeRunner } from './build-runner.ts';
import { buildServer, type FakeAnswer, type FakeRequest, problem } from './build-server.ts';
import { readConfig, writeConfig } from './config.ts';
import { sentOf } from './journal/build-journal.ts';
import { HomeInUse } from './lock.ts';
import { runSentinel } from './main.ts';
import { type Assignment, EvidencePolicy, Heartbeat, Run } from './protocol/messages.ts';
import { lastDueAt, shift } from './protocol/schedule.ts';
import { removePause, writePause } from './settings/pause.ts';
import { writeSettings } from './settings/settings.ts';
import { status, statusText } from './status.ts';
import { Vault } from './vault.ts';

const sentinelId = '99999999-2222-4333-8444-555555555555';

/** A server that does its part of the protocol and keeps the runs it is sent. */
class FakeServer {
  readonly runs: Run[] = [];
  readonly evidence: string[] = [];
  readonly heartbeats: Heartbeat[] = [];
  assignments: Assignment[] = [];
  pins: string[] = [];
  bundle = bundle;
  down = false;
  #waiting: (() => void)[] = [];

  async answer({ method, path, headers, body }: FakeRequest): Promise<FakeAnswer> {
    if (this.down) return 'cut';
    if (path === '/heartbeats') this.heartbeats.push(Heartbeat.parse(JSON.parse(body.toString())));
    if (path === '/heartbeats') return this.#news({ json: { serverTime: Date.now() } });
    if (path.startsWith('/scripts/')) return { text: this.bundle };
    if (method === 'PUT') this.evidence.push(path.slice('/evidence/'.length));
    if (method === 'PUT') return this.#news({ status: 204, text: '' });
    if (path === '/runs') return this.#news({ json: { runs: this.#take(body), serverTime: Date.now() } });
    if (headers['if-none-match'] === '"1"') await new Promise((done) => setTimeout(done, 100).unref());
    const { assignments, pins } = this;
    return { json: { assignments, scriptKeys: [scriptKey], pins, serverTime: Date.now() }, headers: { etag: '"1"' } };
  }

  /** Waits until `done` holds; asked again at each run and file that arrives. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((go) => this.#waiting.push(go));
  }

  #take(body: Buffer) {
    const runs = JSON.parse(body.toString()).runs.map((run: unknown) => Run.parse(run));
    this.runs.push(...runs);
    return runs.map(({ id }: Run) => ({ id, status: 'stored' }));
  }

  #news(answer: FakeAnswer): FakeAnswer {
    for (const go of this.#waiting.splice(0)) go();
    return answer;
  }
}

async function buildWorld(assignments: Assignment[]) {
  const home = buildHome();
  const fake = new FakeServer();
  const server = await buildServer((request) => fake.answer(request));
  fake.pins = [server.pin];
  fake.assignments = assignments;
  const customer = { id: customerId, name: 'Acme' };
  const belonging = { sentinelId, customer, location: 'Utrecht', name: 'Desk 7', enrolledAt: 1 };
  writeConfig(home.folder, { server: server.url, ca: server.trust.ca, pins: [server.pin], ...belonging });
  new Vault(home.folder).setApiKey('key-1');
  const log: string[] = [];
  return {
    ...{ home: home.folder, fake, server, log },
    /** Waits until the sentinel knows that the server has `count` runs, and their evidence. */
    async delivered(count: number): Promise<void> {
      await fake.until(() => fake.runs.length >= count);
      for (;;) {
        const { spool } = status(home.folder);
        if (spool?.waiting === 0 && spool.evidence === 0) return;
        await new Promise((done) => setTimeout(done, 20));
      }
    },
    /** Runs the sentinel; `stop` ends it and tells how long that took (ms). */
    start(runner: FakeRunner) {
      const controller = new AbortController();
      const settings = {
        home: home.folder,
        openRunner: async () => runner,
        allowRoot: true,
        log: (line: string) => void log.push(line),
      };
      const running = runSentinel(settings, controller.signal);
      const stop = async () => {
        const asked = performance.now();
        controller.abort();
        await running;
        return performance.now() - asked;
      };
      return { running, stop };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

test('a sentinel fetches what to do, runs it, stores the run, sends it and its evidence, and stops at once', async () => {
  const file = buildFile();
  await using world = await buildWorld([buildAssignment()]);
  const runner = new FakeRunner(async () => ({ files: [file] }));
  const sentinel = world.start(runner);
  await world.delivered(1);
  assert.ok((await sentinel.stop()) < 5000);
  assert.equal(runner.requests[0]?.bundle, bundle);
  assert.deepEqual(
    world.fake.runs.map((run) => run.id),
    runner.requests.map((request) => request.id),
  );
  assert.deepEqual(world.fake.evidence, [file.sha256]);
  assert.ok(runner.disposed);
  const { spool, running, problems } = status(world.home);
  assert.deepEqual([spool?.stored, spool?.acknowledged, spool?.evidence, running, problems], [1, 1, 0, false, []]);
  const sent = sentOf(world.home);
  const [run] = sent.filter(({ kind }) => kind === 'runs');
  assert.ok(run?.content?.toString().includes(runner.requests[0]?.id ?? '-'));
  const [picture] = sent.filter(({ kind }) => kind === 'evidence');
  assert.deepEqual([picture?.content, picture?.monitors], [file.content, [runner.requests[0]?.monitorId]]);
  assert.ok(sent.some(({ kind }) => kind === 'heartbeat'));
});

test('a slot that was run is not run again after a restart', async () => {
  const assignment = buildAssignment({ schedule: { everyMs: 86_400_000 } });
  await using world = await buildWorld([assignment]);
  const first = new FakeRunner();
  const sentinel = world.start(first);
  await world.delivered(1);
  await sentinel.stop();
  const slot = lastDueAt(assignment.schedule, shift(assignment.schedule, assignment.monitorId, sentinelId), Date.now());
  assert.equal(first.requests[0]?.dueAt, slot);
  world.fake.assignments = [assignment, buildAssignment()];
  const second = new FakeRunner();
  const again = world.start(second);
  await world.delivered(2);
  await again.stop();
  assert.deepEqual(
    second.requests.map((r) => r.monitorId),
    [world.fake.assignments[1]?.monitorId],
  );
});

test('without a server it works on as last told, and sends everything when the server is back', async () => {
  await using world = await buildWorld([buildAssignment({ schedule: { everyMs: 1000 } })]);
  const first = world.start(new FakeRunner());
  await world.delivered(1);
  await first.stop();
  world.fake.down = true;
  const enough = Promise.withResolvers<void>();
  const runner: FakeRunner = new FakeRunner(async () => {
    if (runner.requests.length === 3) enough.resolve();
    return {};
  });
  const sentinel = world.start(runner);
  await enough.promise;
  world.fake.down = false;
  await world.fake.until(() =>
    runner.requests.slice(0, 3).every(({ id }) => world.fake.runs.some((run) => run.id === id)),
  );
  await sentinel.stop();
});

test('an altered or untrusted script, or a missing secret, is reported and never handed to the runner', async () => {
  const missing = buildAssignment({ secrets: ['SHOP_PASSWORD'] }, { secrets: ['SHOP_PASSWORD'] });
  const untrusted = buildAssignment({}, { keyId: 'stranger' });
  await using world = await buildWorld([missing, untrusted]);
  const runner = new FakeRunner();
  const sentinel = world.start(runner);
  await world.delivered(2);
  await sentinel.stop();
  const codes = new Map(world.fake.runs.map((run) => [run.monitorId, run.error?.code]));
  assert.deepEqual(
    [codes.get(missing.monitorId), codes.get(untrusted.monitorId)],
    ['SECRET_MISSING', 'SCRIPT_UNTRUSTED'],
  );
  assert.deepEqual(runner.requests, []);
});

test('a bundle that is not the signed one is reported and never handed to the runner', async () => {
  await using world = await buildWorld([buildAssignment()]);
  world.fake.bundle = `${bundle}// altered`;
  const runner = new FakeRunner();
  const sentinel = world.start(runner);
  await world.delivered(1);
  await sentinel.stop();
  assert.equal(world.fake.runs[0]?.error?.code, 'SCRIPT_UNTRUSTED');
  assert.deepEqual(runner.requests, []);
});

test('a run that the stop cuts short is kept as skipped, and sent at the next start', async () => {
  const assignment = buildAssignment();
  await using world = await buildWorld([assignment]);
  const begun = Promise.withResolvers<void>();
  const slow = new FakeRunner(async (_, signal) => {
    begun.resolve();
    await new Promise((done) => signal.addEventListener('abort', done));
    throw new Error('called off');
  });
  const sentinel = world.start(slow);
  await begun.promise;
  assert.ok((await sentinel.stop()) < 5000);
  const again = world.start(new FakeRunner());
  await world.delivered(1);
  await again.stop();
  const [run] = world.fake.runs;
  assert.deepEqual([run?.id, run?.outcome, run?.reason], [slow.requests[0]?.id, 'skipped', 'the sentinel was stopped']);
});

test('the runner gets the secret that was set meanwhile, without a restart', async () => {
  await using world = await buildWorld([
    buildAssignment({ secrets: ['A'], schedule: { everyMs: 1000 } }, { secrets: ['A'] }),
  ]);
  const got = Promise.withResolvers<void>();
  const runner = new FakeRunner(async () => {
    got.resolve();
    return {};
  });
  const sentinel = world.start(runner);
  await world.delivered(1);
  new Vault(world.home).setSecret('A', 'hunter2');
  await got.promise;
  await sentinel.stop();
  assert.deepEqual(runner.requests[0]?.secrets, { A: 'hunter2' });
});

test('a home in use, not enrolled or with a fault in its settings is refused, and its spool stays as it is', async () => {
  await using world = await buildWorld([buildAssignment()]);
  const first = world.start(new FakeRunner());
  await world.delivered(1);
  await assert.rejects(world.start(new FakeRunner()).running, HomeInUse);
  await first.stop();
  const spool = fs.readFileSync(path.join(world.home, 'spool.sqlite'));
  const config = JSON.parse(fs.readFileSync(path.join(world.home, 'config.json'), 'utf8'));
  for (const key of Object.keys(config)) {
    fs.writeFileSync(path.join(world.home, 'config.json'), JSON.stringify({ ...config, [key]: 5.5 }));
    await assert.rejects(world.start(new FakeRunner()).running, new RegExp(`config\\.json can't be used: ${key}`));
  }
  fs.rmSync(path.join(world.home, 'config.json'));
  await assert.rejects(world.start(new FakeRunner()).running, /not enrolled/);
  assert.deepEqual(fs.readFileSync(path.join(world.home, 'spool.sqlite')), spool);
});

test('new pins are taken over when they share one with the old, else told and left', async () => {
  await using world = await buildWorld([buildAssignment()]);
  const backup = `${'B'.repeat(43)}=`;
  world.fake.pins = [world.server.pin, backup];
  const first = world.start(new FakeRunner());
  await world.delivered(1);
  await first.stop();
  assert.deepEqual(readConfig(world.home).pins, [world.server.pin, backup]);
  world.fake.pins = [`${'C'.repeat(43)}=`];
  world.fake.assignments = [buildAssignment()];
  const second = world.start(new FakeRunner());
  await world.delivered(2);
  await second.stop();
  assert.deepEqual(readConfig(world.home).pins, [world.server.pin, backup]);
  assert.ok(world.log.some((line) => line.includes('they were not taken over')));
});

test('a start tells of each variable that is taken for a way round the pins', async () => {
  await using world = await buildWorld([]);
  const before = process.env.SSL_CERT_DIR;
  process.env.SSL_CERT_DIR = '/nowhere';
  try {
    await world.start(new FakeRunner()).stop();
  } finally {
    if (before === undefined) delete process.env.SSL_CERT_DIR;
    else process.env.SSL_CERT_DIR = before;
  }
  assert.ok(world.log.some((line) => line.startsWith('warning: the variable SSL_CERT_DIR has no influence here')));
});

test('a key that was revoked is told, and every run is kept', async () => {
  await using world = await buildWorld([buildAssignment()]);
  const first = world.start(new FakeRunner());
  await world.delivered(1);
  await first.stop();
  world.fake.answer = async () => problem(401, 'KEY_REVOKED');
  const ran = Promise.withResolvers<void>();
  world.fake.assignments = [buildAssignment()];
  const saved = JSON.parse(fs.readFileSync(path.join(world.home, 'assignments.json'), 'utf8'));
  saved.assignments.assignments = world.fake.assignments;
  fs.writeFileSync(path.join(world.home, 'assignments.json'), JSON.stringify(saved));
  const second = world.start(
    new FakeRunner(async () => {
      ran.resolve();
      return {};
    }),
  );
  await ran.promise;
  await second.stop();
  assert.equal(status(world.home).spool?.waiting, 1);
});

/** How many times of its schedules a sentinel has noted as skipped. */
function skipped(home: string): number {
  using db = new DatabaseSync(path.join(home, 'spool.sqlite'), { readOnly: true, timeout: 1000 });
  return Number(db.prepare('SELECT coalesce(sum(count), 0) AS n FROM skips').get()?.n);
}

test('paused, it ends the run that is going, begins none and says so to its server; resumed, it goes on', async () => {
  await using world = await buildWorld([buildAssignment({ schedule: { everyMs: 1000 } })]);
  const begun = Promise.withResolvers<void>();
  let slow = true;
  const runner = new FakeRunner(async (_, signal) => {
    begun.resolve();
    if (slow) await new Promise((done) => signal.addEventListener('abort', done));
    return {};
  });
  const sentinel = world.start(runner);
  await begun.promise;
  writePause(world.home, { since: 1, reason: 'stocktaking' });
  await world.fake.until(() => world.fake.heartbeats.at(-1)?.paused?.reason === 'stocktaking');
  await world.delivered(1);
  const { outcome, reason } = world.fake.runs[0] ?? {};
  assert.deepEqual([outcome, reason], ['skipped', 'paused by its administrator']);
  assert.equal(status(world.home).paused?.reason, 'stocktaking');
  assert.equal(runner.requests.length, 1);
  await until('a time that came meanwhile is skipped', () => skipped(world.home) > 0);
  slow = false;
  removePause(world.home);
  await world.delivered(2);
  const told = () => world.fake.heartbeats.flatMap(({ skips = [] }) => skips.map(({ reason }) => reason));
  await world.fake.until(() => world.fake.heartbeats.at(-1)?.paused === undefined && told().includes('paused'));
  await sentinel.stop();
});

test('what the server asks beyond the local settings is not done, and the server is told so', async () => {
  const evidence = EvidencePolicy.parse({ trace: true, whenPassed: 'daily' });
  const greedy = buildAssignment({ evidence, schedule: { everyMs: 1000 } }, { hosts: ['shop.example', 'pay.example'] });
  await using world = await buildWorld([greedy]);
  const runner = new FakeRunner();
  const sentinel = world.start(runner);
  await world.delivered(1);
  assert.deepEqual(runner.requests[0]?.hosts, ['shop.example', 'pay.example']);
  assert.deepEqual(world.fake.heartbeats.at(-1)?.refused, []);
  writeSettings(world.home, { hosts: ['shop.example'], screenshots: 'never', traces: 'never' });
  await world.fake.until(() => world.fake.heartbeats.at(-1)?.refused?.length === 3);
  const before = runner.requests.length;
  await world.fake.until(() => runner.requests.length > before + 1);
  const { hosts, evidence: allowed } = runner.requests.at(-1) ?? {};
  assert.deepEqual([hosts, allowed?.screenshot, allowed?.trace], [['shop.example'], 'none', false]);
  await sentinel.stop();
  const refused = status(world.home).refused.map(({ setting }) => setting);
  assert.deepEqual(refused, ['hosts', 'screenshots', 'traces']);
});

test('a monitor that passes is pictured once a day; where only failures may be seen it is not, and what waits is not sent', async () => {
  const assignment = buildAssignment({ schedule: { everyMs: 1000 } });
  await using world = await buildWorld([assignment]);
  const file = { ...buildFile(), whenPassed: true };
  const item = {
    kind: 'screenshot',
    sha256: file.sha256,
    bytes: file.content.length,
    mediaType: 'image/webp',
  } as const;
  const runner = new FakeRunner(async ({ picturesWhenPassed }) => {
    if (!picturesWhenPassed) return {};
    world.fake.down = true; // so that the picture waits
    return { run: { evidence: [{ ...item, transaction: 'Open' }] } as Run, files: [file] };
  });
  const sentinel = world.start(runner);
  await until('a second run was begun', () => runner.requests.length > 1);
  assert.deepEqual(
    runner.requests.map(({ picturesWhenPassed }) => picturesWhenPassed === true),
    [true, false],
  );
  writeSettings(world.home, { screenshots: 'on-failure' });
  await until('a run is narrowed', () => runner.requests.at(-1)?.evidence.whenPassed === 'never');
  world.fake.down = false;
  await world.delivered(2);
  await sentinel.stop();
  assert.deepEqual(world.fake.evidence, []);
  assert.equal(world.fake.runs[0]?.evidence[0]?.transaction, 'Open');
});

test('with author keys of its own a sentinel runs nothing that the server signs, whatever keys that one names', async () => {
  const assignment = buildAssignment();
  await using world = await buildWorld([assignment]);
  const stranger = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  writeSettings(world.home, { trustedKeys: [stranger] });
  const runner = new FakeRunner();
  const sentinel = world.start(runner);
  await world.delivered(1);
  await sentinel.stop();
  assert.deepEqual([world.fake.runs[0]?.error?.code, runner.requests], ['SCRIPT_UNTRUSTED', []]);
});

test('where the way to the server stalls is in the status, and when it did in a heartbeat afterwards', async () => {
  await using world = await buildWorld([]);
  const sentinel = world.start(new FakeRunner());
  await world.fake.until(() => world.fake.heartbeats.length > 0);
  world.fake.down = true;
  writeSettings(world.home, { mibPerDay: 100 }); // a change is told at once
  await until('the stall is told', () => status(world.home).stall?.phase === 'HTTP');
  assert.match(statusText(status(world.home)), /^Stalled +at HTTP, since \d{4}-/m);
  world.fake.down = false;
  writeSettings(world.home, { mibPerDay: 101 });
  await until('the stall is over', () => status(world.home).stall === null);
  writeSettings(world.home, {});
  await world.fake.until(() => world.fake.heartbeats.at(-1)?.stalls?.[0]?.phase === 'HTTP');
  await sentinel.stop();
  assert.equal(status(world.home).stall, null);
});
