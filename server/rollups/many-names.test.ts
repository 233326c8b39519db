import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { monthOf } from '../../db/customer/months.ts';
import { removeMonth } from '../../db/customer/remove-month.ts';
import { buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { responseTimes } from '../reports/response-times.ts';
import { adoptCalendar } from './adopt-calendar.ts';
import { usualBusinessHours } from './calendar.ts';
import { closeHours } from './close-hours.ts';
import { unguarded } from './guard.ts';
import { hourMs } from './hours.ts';
import { rollUpDirty } from './roll-up.ts';

const now = Date.UTC(2026, 9, 22, 12, 30);
const dayMs = 24 * hourMs;

test('a monitor whose script makes up more names than a statement takes values is rolled up, told, made anew and removed', async () => {
  await using customer = await buildCustomer();
  const { db } = customer;
  const { id: monitor_id } = await customer.buildMonitor({ created_at: now - 3 * dayMs, every_ms: dayMs });
  const sentinel = await customer.buildSentinel();
  const names = Array.from({ length: 33_000 }, (_, i) => ({ monitor_id, name: `Order ${i}`, position: 0 }));
  await insertAll(db, 'transactions', names);
  const transactions = [buildResult({ name: 'Order 7' }), buildResult({ name: 'Order 32999' })];
  const starts = [now - 2 * dayMs, now - hourMs];
  const runs = starts.map((startedAt) => buildRun({ monitorId: monitor_id, startedAt, transactions }));
  await ingest(db, sentinel, runs, now);
  const told = async (from: number, step: 'day' | 'hour' | 'minute') => {
    const { transactions } = await responseTimes(db, monitor_id, { from, to: now }, step, now);
    return transactions.map(({ name, results }) => [name, results.length]);
  };
  const all = (results: number) => transactions.map(({ name }) => [name, results]);

  assert.equal(await rollUpDirty(db), 2);
  await closeHours(db, now);
  assert.deepEqual(await told(now - 3 * dayMs, 'day'), all(0));
  assert.deepEqual(await told(now - 3 * dayMs, 'hour'), all(0));
  assert.deepEqual(await told(now - 2 * hourMs, 'minute'), all(1));
  const calendar = { timeZone: 'Europe/Amsterdam', businessHours: usualBusinessHours };
  assert.equal(await adoptCalendar(db, calendar), true);
  assert.ok((await rollUpDirty(db)) > 0);
  await removeMonth(db, monthOf(now), unguarded);
  assert.deepEqual(await db('transaction_results').pluck('transaction_id'), []);
});
