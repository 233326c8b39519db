import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { ClosedHoursRow, MaintenanceRow, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { buildWorld } from '../../server/build-world.ts';
import { buildRun } from '../../server/ingest/build-run.ts';
import { ReportAnswer } from '../../server/reports/shapes.ts';
import { addResult, noFigures, toRollup } from '../../server/rollups/figures.ts';
import { hourMs } from '../../server/rollups/hours.ts';

const dayMs = 24 * hourMs;
const days = 549;
const names = ['Open', 'Login', 'Search', 'Order', 'Log out'];

/** 18 months of hours, as the job leaves them; returns how many runs they tell of. */
async function addHours(db: CustomerDb, monitor_id: string, to: number): Promise<number> {
  await db('transactions').insert(names.map((name, position) => ({ monitor_id, name, position })));
  const ids: number[] = [0, ...(await db('transactions').where({ monitor_id }).pluck('id'))];
  const figures = noFigures();
  for (let i = 0; i < 12; i++) addResult(figures, { outcome: 'passed', errorCode: null, timeUs: 250_000 + i * 30_000 });
  const kept = { ...toRollup(figures), monitor_id, sentinel_id: 's', location_id: 'l', expected: 12, requested: 0 };
  const rows: RollupRow[] = [];
  for (let hour = to - days * dayMs; hour < to; hour += hourMs) {
    rows.push(...ids.map((transaction_id) => ({ ...kept, hour, transaction_id, told: null })));
  }
  await db.transaction((trx) => insertAll(trx, 'rollups', rows));
  await db('closed_hours').insert({ monitor_id, until: to } satisfies ClosedHoursRow);
  return (rows.length / ids.length) * 12;
}

/** A minute of every day. */
async function addMaintenances(db: CustomerDb, to: number): Promise<void> {
  const about = { monitor_id: null, hours: null, time_zone: null, reason: 'restart', added_by: 'alice', added_at: to };
  const rows: MaintenanceRow[] = [];
  for (let at = to - days * dayMs; at < to; at += dayMs) {
    rows.push({ id: randomUUID(), ...about, from_at: at, to_at: at + 60_000 });
  }
  await insertAll(db, 'maintenance', rows);
}

test('while 18 months of hours are added up, runs are acknowledged all the time', { timeout: 120_000 }, async () => {
  await using world = await buildWorld();
  const { context } = world;
  const customerId = await world.addCustomer('Acme');
  const to = Math.floor(context.now() / hourMs) * hourMs - 24 * hourMs;
  const { id: monitorId } = await context.customers.use(customerId, (db) => buildMonitor(db, { created_at: to }));
  const runs = await context.customers.use(customerId, (db) => addHours(db, monitorId, to));
  await context.customers.use(customerId, (db) => addMaintenances(db, to));
  const sentinel = await world.enrolled(customerId);
  const alice = await world.signedIn('alice', customerId);
  // Where each day has an hour that is left out, none is taken whole.
  const query = `from=${to - days * dayMs}&to=${to}&step=month&maintenance=excluded&group=transaction`;
  const report = async () => {
    const answer = await alice('GET', `/api/v1/customers/${customerId}/monitors/${monitorId}/report?${query}`);
    const { series } = ReportAnswer.parse(answer.json());
    assert.equal(series.length, 1 + names.length);
    // The runs that are sent meanwhile have none of that name.
    const points = series.find(({ transaction }) => transaction === 'Search')?.points ?? [];
    assert.equal(
      points.reduce((sum, point) => sum + point.passed, 0),
      (runs * 23) / 24,
    );
  };
  await report(); // the worker is there now
  let isUnderWay = true;
  const asked = report().finally(() => {
    isUnderWay = false;
  });
  let acknowledged = 0;
  while (isUnderWay) {
    const body = { runs: [buildRun({ monitorId, startedAt: context.now() })] };
    assert.equal((await sentinel.ask('POST', `${apiPrefix}/runs`, { body })).status, 200);
    if (isUnderWay) acknowledged++;
  }
  await asked;
  assert.ok(acknowledged >= 5, `${acknowledged} runs were acknowledged meanwhile`);
});
