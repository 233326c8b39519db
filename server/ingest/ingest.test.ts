import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { RunRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { isMysql } from '../../db/engines/dialect.ts';
import { maxRunsPerBatch, type Run } from '../../sentinel/protocol/messages.ts';
import { run } from '../reports/run.ts';
import { RunAnswer } from '../reports/shapes.ts';
import { hourMs } from '../rollups/hours.ts';
import { buildFailedRun, buildResult, buildRun } from './build-run.ts';
import { ingest, ingestAll } from './ingest.ts';
import { readRun } from './read-run.ts';
import type { Reporter } from './reporters.ts';

const now = Date.UTC(2026, 2, 1, 13);

async function buildWorld() {
  const customer = await buildCustomer();
  const sentinel = await customer.buildSentinel();
  const monitor = await customer.buildMonitor();
  return { ...customer, sentinel, monitorId: monitor.id };
}

/** All that ingest writes, in an order that doesn't depend on when it came. */
async function contents(db: CustomerDb) {
  return {
    runs: await db('runs').orderBy('id'),
    results: await db('transaction_results as r')
      .join('transactions as t', 't.id', 'r.transaction_id')
      .orderBy(['run_id', 'r.position'])
      .select('r.run_id', 'r.position', 't.name', 'r.outcome', 'r.response_us'),
    evidence: await db('evidence').orderBy(['run_id', 'position']),
    dirty: await db('dirty_hours').orderBy('hour').select('hour', 'monitor_id', 'sentinel_id'),
  };
}

test('a run is stored with its transactions and evidence, and its hour is dirty', async () => {
  await using world = await buildWorld();
  const evidence = [{ kind: 'screenshot', sha256: 'cd'.repeat(32), bytes: 1234, mediaType: 'image/webp' }] as const;
  const run = buildFailedRun({ monitorId: world.monitorId, evidence: [...evidence] });
  assert.deepEqual(await ingest(world.db, world.sentinel, [run], now), [{ id: run.id, status: 'stored' }]);
  const { runs, results, dirty } = await contents(world.db);
  assert.equal(runIdOf(runs[0].id), run.id);
  assert.deepEqual([runs[0].outcome, runs[0].error_code, runs[0].received_at], ['failed', 'ASSERTION', now]);
  assert.deepEqual(
    results.map((r) => [r.name, r.response_us]),
    [
      ['Open', 250_000],
      ['Login', null],
    ],
  );
  assert.deepEqual(dirty, [{ hour: now - hourMs, monitor_id: world.monitorId, sentinel_id: world.sentinel.id }]);
});

test('what a run tells beside its times is kept for its page, and a run that tells nothing has no row', async () => {
  await using world = await buildWorld();
  const load = { url: 'https://shop.example/', startUs: 0, loadUs: 90_000, requests: 3, bytes: 5000, dnsUs: 900 };
  const facts = {
    page: { url: 'https://shop.example/', title: 'Half \ud800 a \0 name', consoleErrors: ['boom'], failedRequests: [] },
    host: { cpu: 0.5, stallUs: 12, freeMemoryBytes: 1_000_000, network: { interface: true, server: false } },
    usage: { cpuUs: 800_000, peakMemoryBytes: 200_000_000 },
    deniedHosts: ['ads.example:443'],
  };
  const transactions = [buildResult({ name: 'Open', pageLoads: [load, load] }), buildResult({ name: 'Login' })];
  const told = buildRun({ monitorId: world.monitorId, ...facts, transactions });
  await ingest(world.db, world.sentinel, [told, buildRun({ monitorId: world.monitorId })], now);
  const rows = await world.db<RunRow>('runs').whereNotNull('details');
  assert.deepEqual(
    rows.map((row) => runIdOf(row.id)),
    [told.id],
  );
  const shown = await run(world.db, told.id, String);
  RunAnswer.parse(shown);
  const { page, host, usage, deniedHosts } = shown ?? {};
  assert.deepEqual({ page, host, usage, deniedHosts }, facts);
  assert.deepEqual(
    shown?.transactions.map(({ pageLoads }) => pageLoads),
    [[load, load], []],
  );
});

test('a run that answers a request to run now names it, beside the schedule or on it', async () => {
  await using world = await buildWorld();
  const [requestId, answersRequest] = [randomUUID(), randomUUID()];
  const { monitorId } = world;
  const runs = [buildRun({ monitorId, requestId }), buildRun({ monitorId, answersRequest }), buildRun({ monitorId })];
  await ingest(world.db, world.sentinel, runs, now);
  const shown = await Promise.all(runs.map(({ id }) => run(world.db, id, String)));
  assert.deepEqual(
    shown.map((one) => one?.requestId),
    [requestId, answersRequest, null],
  );
  assert.equal((await world.db('requested_runs')).length, 1, 'one on the schedule is expected anyway');
});

test('any order and repetition of the same runs gives the same state', async () => {
  await using once = await buildWorld();
  const runs = Array.from({ length: 12 }, (_, i) =>
    (i % 3 === 0 ? buildFailedRun : buildRun)({ monitorId: once.monitorId, startedAt: now - i * 20 * 60_000 }),
  );
  await ingest(once.db, once.sentinel, runs, now);
  const wanted = await contents(once.db);
  const batches = fc.array(fc.array(fc.constantFrom(...runs), { minLength: 1, maxLength: 8 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(batches, async (some) => {
      await once.db('dirty_hours').delete();
      for (const table of ['runs', 'transaction_results', 'evidence']) await once.db(table).delete();
      for (const batch of some) await ingest(once.db, once.sentinel, batch, now);
      await ingest(once.db, once.sentinel, runs.toReversed(), now);
      assert.deepEqual(await contents(once.db), wanted);
    }),
    { numRuns: process.env.VEDETTE_LONG ? 10_000 : 25 },
  );
});

test('a repeat is answered with exists, also when its keys come in another order and beside unknown fields', async () => {
  await using world = await buildWorld();
  const run = { ...buildRun({ monitorId: world.monitorId }), newField: { b: 1, a: [2] } };
  await ingest(world.db, world.sentinel, [run], now);
  const { newField, ...rest } = run;
  const again = { newField: { a: newField.a, b: newField.b }, ...rest };
  assert.deepEqual(await ingest(world.db, world.sentinel, [again, again], now), [
    { id: run.id, status: 'exists' },
    { id: run.id, status: 'exists' },
  ]);
});

test('another run under the same id is rejected, from the same sentinel and from its neighbour', async () => {
  await using world = await buildWorld();
  const run = buildRun({ monitorId: world.monitorId });
  const neighbour = await world.buildSentinel();
  await ingest(world.db, world.sentinel, [run], now);
  const reason = 'id: another run with this id is stored already';
  const rejected = [{ id: run.id, status: 'rejected', reason }];
  assert.deepEqual(await ingest(world.db, world.sentinel, [{ ...run, durationUs: 1 }], now), rejected);
  assert.deepEqual(await ingest(world.db, neighbour, [run], now), rejected);
  const [row] = await world.db<RunRow>('runs');
  assert.equal(row?.duration_us, run.durationUs);
  const kept = await world.db('rejected_runs').whereIn('sentinel_id', [world.sentinel.id, neighbour.id]);
  assert.deepEqual(
    kept.map((r) => [runIdOf(r.run_id), r.reason, r.at]),
    [
      [run.id, reason, now],
      [run.id, reason, now],
    ],
  );
  await ingest(world.db, neighbour, [run], now + 1);
  const trail = await world.db('audit').orderBy('id').select('action', 'actor_id', 'subject');
  assert.deepEqual(
    trail.map(({ action, actor_id, subject }) => [action, actor_id, subject]),
    [world.sentinel.id, neighbour.id].map((id) => ['altered-run-refused', id, run.id]),
  );
});

test('an altered run is told in the trail once, whatever else was refused under its id before and between', async () => {
  await using world = await buildWorld();
  const [first, second] = [buildRun({ monitorId: world.monitorId }), buildRun({ monitorId: world.monitorId })];
  const send = (run: Run) => ingest(world.db, world.sentinel, [run], now);
  const ofNoMonitor = (run: Run) => ({ ...run, monitorId: randomUUID() });
  await send(ofNoMonitor(first)); // refused before anything is stored under its id
  for (const run of [first, second]) await send(run);
  await send(ofNoMonitor(second));
  for (const run of [first, second]) await send({ ...run, durationUs: 1 });
  await send({ ...first, trialId: randomUUID() });
  await send({ ...first, durationUs: 2 });
  const trail = await world.db('audit').orderBy('id').pluck('subject');
  assert.deepEqual(trail, [second.id, first.id]);
});

test('two different runs with one id in the same batch: the first is stored, the second rejected', async () => {
  await using world = await buildWorld();
  const run = buildRun({ monitorId: world.monitorId });
  const answers = await ingest(world.db, world.sentinel, [run, { ...run, durationUs: 1 }, run], now);
  assert.deepEqual(
    answers.map((a) => a.status),
    ['stored', 'rejected', 'exists'],
  );
});

test('one bad run is rejected with its place and reason, the others of the batch are stored', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const bad = [
    { ...buildRun({ monitorId }), durationUs: '900000' },
    { ...buildRun({ monitorId }), transactions: [{ ...buildResult({ name: 'Open' }), startUs: -1 }] },
    { ...buildRun({ monitorId }), id: randomUUID() },
    buildRun({ monitorId: randomUUID() }),
    null,
    'run',
  ];
  const good = [buildRun({ monitorId }), buildRun({ monitorId })];
  const answers = await ingest(world.db, world.sentinel, [good[0], ...bad, good[1]], now);
  assert.deepEqual(
    answers.map((a) => a.status),
    ['stored', ...bad.map(() => 'rejected'), 'stored'],
  );
  const reasons = answers.flatMap((a) => a.reason ?? []);
  assert.match(reasons[0] ?? '', /^durationUs: .*expected number/i);
  assert.match(reasons[1] ?? '', /^transactions\[0\]\.startUs: /);
  assert.match(reasons[2] ?? '', /^id: must be a UUID of version 7/);
  assert.match(reasons[3] ?? '', /^monitorId: there is no such monitor/);
  assert.equal((await world.db('runs')).length, 2);
});

test('names in any script are kept as they are, and as one transaction each', async () => {
  await using world = await buildWorld();
  const names = [
    'Öffnen 🛒',
    'כניסה למערכת',
    'x'.repeat(500),
    'broken \ud800 half',
    'nul \0 inside',
    "'; drop table runs",
  ];
  for (let times = 0; times < 2; times++) {
    const transactions = names.map((name) => buildResult({ name }));
    await ingest(world.db, world.sentinel, [buildRun({ monitorId: world.monitorId, transactions })], now);
  }
  const kept: string[] = await world.db('transactions').orderBy('position').pluck('name');
  assert.deepEqual(kept.slice(0, 3), names.slice(0, 3));
  assert.deepEqual(kept.slice(3), ['broken \ufffd half', 'nul \ufffd inside', "'; drop table runs"]);
});

test('runs of clocks that are decades off are kept, filed by their corrected start', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const atEpoch = buildRun({ monitorId, startedAt: 0, dueAt: 0, clockOffsetMs: now - 5000 });
  const far = buildRun({ monitorId, startedAt: Date.UTC(2100, 0, 1), dueAt: Date.UTC(2100, 0, 1) });
  const beyond = buildRun({ monitorId, startedAt: 8_640_000_000_000_000, clockOffsetMs: 1 });
  const answers = await ingest(world.db, world.sentinel, [atEpoch, far, beyond], now);
  assert.deepEqual(
    answers.map((a) => a.status),
    ['stored', 'stored', 'rejected'],
  );
  const rows = await world.db<RunRow>('runs').orderBy('started_at');
  assert.deepEqual(
    rows.map((r) => r.started_at),
    [now - 5000, Date.UTC(2100, 0, 1)],
  );
  assert.deepEqual(
    rows.map((r) => r.sentinel_started_at),
    [0, Date.UTC(2100, 0, 1)],
  );
});

test('a field nested without end is rejected, not a crash', async () => {
  await using world = await buildWorld();
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const run = { ...buildRun({ monitorId: world.monitorId }), deep };
  const [answer] = await ingest(world.db, world.sentinel, [run], now);
  assert.deepEqual([answer?.status, answer?.reason], ['rejected', 'the whole: is nested more than 32 deep']);
});

test('the largest batch, with more values than a statement takes, is stored whole', async () => {
  await using world = await buildWorld();
  const transactions = Array.from({ length: 500 }, (_, i) => buildResult({ name: `T${i}` }));
  const runs = Array.from({ length: maxRunsPerBatch }, () => buildRun({ monitorId: world.monitorId, transactions }));
  const answers = await ingest(world.db, world.sentinel, runs, now);
  assert.ok(answers.every((a) => a.status === 'stored'));
  const [counted] = await world.db('transaction_results').count({ n: '*' });
  assert.equal(counted?.n, 500 * maxRunsPerBatch);
});

test('a batch that fails in the middle leaves nothing behind', async () => {
  await using world = await buildWorld();
  const fails = isMysql(world.db)
    ? "for each row signal sqlstate '45000' set message_text = 'disk full'"
    : "begin select raise(abort, 'disk full'); end";
  await world.db.raw(`create trigger fails before insert on evidence ${fails}`);
  const evidence = [{ kind: 'screenshot' as const, sha256: 'cd'.repeat(32), bytes: 1, mediaType: 'image/webp' }];
  const run = buildFailedRun({ monitorId: world.monitorId, evidence });
  await assert.rejects(ingest(world.db, world.sentinel, [run], now), /disk full/);
  await world.db.raw('drop trigger fails');
  for (const table of ['runs', 'transaction_results', 'transactions', 'dirty_hours']) {
    assert.equal((await world.db(table)).length, 0, table);
  }
  assert.equal((await ingest(world.db, world.sentinel, [run], now))[0]?.status, 'stored');
});

test('several sentinels share a commit, each run filed under its own', async () => {
  await using world = await buildWorld();
  const neighbour = await world.buildSentinel();
  const mine = buildRun({ monitorId: world.monitorId });
  const theirs = buildRun({ monitorId: world.monitorId });
  const sent = ({ id }: Reporter, ...runs: Run[]) => ({ sentinelId: id, runs: runs.map((run) => readRun(run, id)) });
  const batches = [sent(world.sentinel, mine), sent(neighbour, theirs, mine)];
  const answers = await ingestAll(world.db, batches, now);
  assert.deepEqual(
    answers.map((batch) => batch.map((a) => a.status)),
    [['stored'], ['stored', 'rejected']],
  );
  const rows = await world.db<RunRow>('runs');
  assert.deepEqual(
    new Map(rows.map((r) => [runIdOf(r.id), r.location_id])),
    new Map([
      [mine.id, world.sentinel.locationId],
      [theirs.id, neighbour.locationId],
    ]),
  );
});

test('of a sentinel that its customer does not have nothing is stored, nor of those it shares a commit with', async () => {
  await using world = await buildWorld();
  const { id } = world.sentinel;
  const batches = [id, randomUUID()].map((sentinelId) => ({
    sentinelId,
    runs: [readRun(buildRun({ monitorId: world.monitorId }), sentinelId)],
  }));
  await assert.rejects(ingestAll(world.db, batches, now), { status: 401, code: 'KEY_UNKNOWN' });
  assert.equal((await contents(world.db)).runs.length, 0);
  const [known = { sentinelId: id, runs: [] }] = batches;
  assert.equal((await ingestAll(world.db, [known], now))[0]?.[0]?.status, 'stored');
});

test('commits that are under way at the same time, with runs in both, store every run once and mark every hour', async () => {
  await using world = await buildWorld();
  const neighbour = await world.buildSentinel();
  for (let round = 0; round < 8; round++) {
    const hour = now - round * hourMs;
    const name = `New ${round}`; // whose id each finds or makes
    const build = () =>
      buildRun({ monitorId: world.monitorId, startedAt: hour, transactions: [buildResult({ name })] });
    const both = Array.from({ length: 30 }, build);
    const theirs = Array.from({ length: 30 }, build);
    const sent = [[...both], both.toReversed(), theirs].map((runs, i) => {
      const { id } = i === 2 ? neighbour : world.sentinel;
      return [{ sentinelId: id, runs: runs.map((run) => readRun(run, id)) }];
    });
    const answers = await Promise.all(sent.map((batches) => ingestAll(world.db, batches, now)));
    const count = (status: string) => answers.flat(2).filter((answer) => answer.status === status).length;
    assert.deepEqual([count('stored'), count('exists')], [60, 30]);
    const { runs, results, dirty } = await contents(world.db);
    assert.deepEqual(
      [runs.length, results.length, dirty.length],
      [(round + 1) * 60, (round + 1) * 60, (round + 1) * 2],
    );
  }
});
