import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { runIdOf, runKey } from '../../db/customer/run-key.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import { monitor } from '../reports/monitors.ts';
import { responseTimes } from '../reports/response-times.ts';
import { run as runReport } from '../reports/run.ts';
import { runs as runList } from '../reports/runs.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { buildFailedRun, buildRun } from './build-run.ts';
import { ingest } from './ingest.ts';

const minute = 60_000;
const noon = Date.UTC(2026, 2, 1, 12);
/** In the hour after the first attempts: each hour must be made anew by itself. */
const now = noon + minute;
const period = { from: noon - 60 * minute, to: now };

async function buildWorld() {
  const customer = await buildCustomer();
  const sentinel = await customer.buildSentinel({ enrolled_at: noon - 5 * minute });
  const { id } = await customer.buildMonitor({ created_at: noon - 5 * minute });
  const take = async (batch: readonly Run[], from = sentinel) => {
    const answers = await ingest(customer.db, from, batch, now);
    assert.ok(answers.every(({ status }) => status !== 'rejected'));
    await rollUpDirty(customer.db);
  };
  const look = async () => {
    const found = await monitor(customer.db, id, period, now);
    assert.ok(found);
    return found;
  };
  return { ...customer, sentinel, monitorId: id, take, look };
}

/** A failed run before noon, and the one after noon that ends so. */
function pair(
  monitorId: string,
  second: 'passed' | 'failed' | 'errored' | 'skipped',
  startedAt = noon - 1000,
): [Run, Run] {
  const [first, other] = [newRunId(startedAt), newRunId(startedAt + 2000)];
  const failed = buildFailedRun({ id: first, monitorId, startedAt, retriedBy: other });
  const build = second === 'failed' ? buildFailedRun : buildRun;
  return [
    failed,
    build({ id: other, monitorId, outcome: second, startedAt: startedAt + 2000, dueAt: failed.dueAt, retryOf: first }),
  ];
}

for (const [second, counted] of [
  ['passed', { passed: 1, failed: 0, errored: 0, skipped: 0 }],
  ['failed', { passed: 0, failed: 1, errored: 0, skipped: 0 }],
  ['errored', { passed: 0, failed: 1, errored: 0, skipped: 0 }],
  ['skipped', { passed: 0, failed: 1, errored: 0, skipped: 0 }],
] as const) {
  test(`of a failed run and a confirming one that ${second} exactly one counts, in every report`, async () => {
    await using world = await buildWorld();
    const [first, other] = pair(world.monitorId, second);
    await world.take([first, other]);
    const decided = second === 'passed' || second === 'failed';
    const seen = await world.look();
    const { expected: _, lost: __, skippedBy: ___, ...counts } = seen.counts;
    assert.deepEqual(counts, counted);
    assert.equal(seen.availability, counted.passed);
    assert.equal(seen.state, second === 'passed' ? 'up' : 'failing');
    assert.equal(seen.trouble?.count ?? 0, counted.failed);
    assert.deepEqual(
      seen.strip.map(({ id }) => id),
      [decided ? other.id : first.id],
    );
    assert.equal(seen.lastRun?.id, decided ? other.id : first.id);
    const { failures } = await responseTimes(world.db, world.monitorId, period, 'minute', now);
    assert.deepEqual(
      failures.map(({ runId }) => runId),
      counted.failed ? [decided ? other.id : first.id] : [],
    );
    for (const step of ['minute', 'hour'] as const) {
      const { transactions } = await responseTimes(world.db, world.monitorId, period, step, now);
      const login = transactions.find(({ name }) => name === 'Login')?.points ?? [];
      assert.equal(
        login.reduce((sum, { passed, failed }) => sum + passed + failed, 0),
        1,
        step,
      );
    }
    const list = await runList(world.db, world.monitorId, { limit: 10 });
    assert.deepEqual(
      list.runs.map(({ id, counts, retryOf, retriedBy }) => ({ id, counts, retryOf, retriedBy })),
      [
        { id: other.id, counts: decided, retryOf: first.id, retriedBy: null },
        { id: first.id, counts: !decided, retryOf: null, retriedBy: other.id },
      ],
    );
    assert.equal((await runReport(world.db, first.id, String))?.counts, !decided);
  });
}

test('a failed run counts until the one that refutes it has come; then its hour is made anew', async () => {
  await using world = await buildWorld();
  const [first, other] = pair(world.monitorId, 'passed');
  await world.take([first]);
  assert.deepEqual([(await world.look()).availability, (await world.look()).state], [0, 'failing']);
  await world.take([other]);
  assert.deepEqual([(await world.look()).availability, (await world.look()).state], [1, 'up']);
  const figures = await world
    .db('rollups')
    .where({ transaction_id: 0 })
    .orderBy('hour')
    .select('hour', 'passed', 'failed');
  assert.deepEqual(figures, [{ hour: noon, passed: 1, failed: 0 }]);
});

test('any order and repetition of retried runs counts the same ones', async () => {
  await using world = await buildWorld();
  const outcomes = ['passed', 'failed', 'errored'] as const;
  const all = outcomes.flatMap((second, i) => pair(world.monitorId, second, noon - i * 20 * minute));
  const wanted = all.map(({ id, retryOf, outcome }) => [
    id,
    (retryOf === undefined) === (id === all[4]?.id) && outcome !== 'errored' ? 1 : 0,
  ]);
  const batches = fc.array(fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 4 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(batches, async (some) => {
      for (const table of ['runs', 'transaction_results', 'rollups']) await world.db(table).delete();
      for (const batch of [...some, all.toReversed()]) await world.take(batch);
      const rows: { id: Uint8Array; counts: number }[] = await world.db('runs').select('id', 'counts');
      const counts = new Map(rows.map((row) => [runIdOf(row.id), row.counts]));
      assert.deepEqual(
        all.map(({ id }) => [id, counts.get(id)]),
        wanted,
      );
      const rolled: { passed: number; failed: number }[] = await world.db('rollups').where({ transaction_id: 0 });
      assert.deepEqual([sum(rolled, 'passed'), sum(rolled, 'failed')], [1, 2]);
    }),
    { numRuns: 25 },
  );
});

test('of two that confirm each other one counts, also when they come in two requests at once', async () => {
  await using world = await buildWorld();
  for (let i = 0; i < 6; i++) {
    const runs = pair(world.monitorId, 'passed', noon - i * 60_000);
    await Promise.all(runs.map((run) => ingest(world.db, world.sentinel, [run], noon)));
    const rows: { counts: number }[] = await world.db('runs').whereIn(
      'id',
      runs.map(({ id }) => runKey(id)),
    );
    assert.equal(
      rows.reduce((total, row) => total + row.counts, 0),
      1,
    );
  }
});

function sum(rows: readonly { passed: number; failed: number }[], outcome: 'passed' | 'failed'): number {
  return rows.reduce((total, row) => total + row[outcome], 0);
}

test('no run is taken out of the count by one that it does not name, or by another sentinel', async () => {
  await using world = await buildWorld();
  const [unnamed, claiming] = pair(world.monitorId, 'passed');
  const { retriedBy: _, ...alone } = unnamed;
  await world.take([alone, claiming]);
  const [first, other] = pair(world.monitorId, 'passed', noon - 60_000);
  await world.take([first]);
  await world.take([other], await world.buildSentinel());
  const ids = [unnamed.id, first.id];
  const list = await runList(world.db, world.monitorId, { limit: 10 });
  assert.deepEqual(
    list.runs.filter(({ id }) => ids.includes(id)).map(({ counts }) => counts),
    [true, true],
  );
});
