import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { adoptCalendar } from '../rollups/adopt-calendar.ts';
import { closeHours } from '../rollups/close-hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { Outrun, passFence } from './fence.ts';

const under = (fence: number) => (trx: CustomerDb) => passFence(trx, fence);
const tables = ['dirty_hours', 'rollups', 'day_rollups', 'closed_hours', 'calendar', 'job_fence'];

test('whoever was halted for longer than its lease changes nothing once the next holder was there', async () => {
  await using customer = await buildCustomer();
  const { db } = customer;
  const [sentinel, { id: monitorId }] = [await customer.buildSentinel(), await customer.buildMonitor()];
  const now = Date.UTC(2026, 2, 1, 12);
  await ingest(db, sentinel, [buildRun({ monitorId, startedAt: now })], now);
  await rollUpDirty(db, undefined, under(2));
  await ingest(db, sentinel, [buildRun({ monitorId, startedAt: now })], now);
  const all = () => Promise.all(tables.map((table) => db(table).select()));
  const before = await all();
  const calendar = { timeZone: 'Asia/Tokyo', businessHours: 'mon 08:00-09:00' };
  await assert.rejects(rollUpDirty(db, undefined, under(1)), Outrun);
  await assert.rejects(closeHours(db, now + 86_400_000, undefined, under(1)), Outrun);
  await assert.rejects(adoptCalendar(db, calendar, { guard: under(1) }), Outrun);
  assert.deepEqual(await all(), before);
  assert.equal(await rollUpDirty(db, undefined, under(3)), 1);
});
