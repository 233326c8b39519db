import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { resultsOfRuns } from '../../db/customer/results-of-runs.ts';
import { runKey } from '../../db/customer/run-key.ts';
import { monitor } from '../reports/monitors.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { buildFailedRun, buildResult } from './build-run.ts';
import { ingest } from './ingest.ts';
import { furtherNames, mostNames } from './transaction-ids.ts';

const startedAt = Date.UTC(2026, 9, 22, 12);
const now = startedAt + 60_000;

test('of a script that makes up names without end every result counts, beyond so many of them under one name', async () => {
  await using customer = await buildCustomer();
  const { db } = customer;
  const sentinel = await customer.buildSentinel();
  const [made, other] = [await customer.buildMonitor(), await customer.buildMonitor()];
  const names = Array.from({ length: mostNames - 2 }, (_, i) => `Order ${i}`);
  const rows = names.map((name, position) => ({ monitor_id: made.id, name, position }));
  await insertAll(db, 'transactions', rows);
  const failure = { outcome: 'failed', error: { code: 'ASSERTION', message: 'there is no such order' } } as const;
  const store = async (monitorId: string, ...names: string[]) => {
    const transactions = names.map((name) => buildResult({ name }));
    const run = buildFailedRun({ monitorId, startedAt, transactions: [...transactions, buildResult({ name: 'Pay' })] });
    Object.assign(run.transactions.at(-1) ?? {}, failure);
    const [answer] = await ingest(db, sentinel, [run], now);
    assert.equal(answer?.status, 'stored');
    return run.id;
  };
  const namesOf = async (id: string) => {
    const results: { name: string }[] = await resultsOfRuns(db, [runKey(id)])
      .orderBy('r.position')
      .select('t.name');
    return results.map(({ name }) => name);
  };
  const count = async () => (await db('transactions').where({ monitor_id: made.id })).length;

  const run = await store(made.id, 'Order 1', 'at 12:00', 'at 12:01', 'at 12:02');
  assert.deepEqual(await namesOf(run), ['Order 1', 'at 12:00', 'at 12:01', furtherNames, furtherNames]);
  const again = await store(made.id, 'at 12:03', 'at 12:01', 'at 12:00', 'Order 2');
  assert.deepEqual(await namesOf(again), [furtherNames, 'at 12:01', 'at 12:00', 'Order 2', furtherNames]);
  assert.equal(await count(), mostNames + 1);
  assert.deepEqual(await namesOf(await store(other.id, 'at 12:03')), ['at 12:03', 'Pay']);

  await rollUpDirty(db);
  const told = await monitor(db, made.id, { from: startedAt, to: now }, now);
  assert.equal(told?.counts.failed, 2);
  const further = told?.transactions.find(({ name }) => name === furtherNames);
  assert.deepEqual([further?.passed, further?.failed, further?.lastErrorCode], [2, 2, 'ASSERTION']);
});
