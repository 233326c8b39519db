import type { RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Period } from '../reports/shapes.ts';
import { type AddedFailure, addFailure } from './add-failure.ts';
import { addToDay } from './add-to-day.ts';
import { calendarOf } from './calendar.ts';
import { addResult, addRollup, noFigures, toRollup } from './figures.ts';
import { holdHoursFrom } from './kept-hours.ts';
import { localHour } from './local-hours.ts';
import type { Result } from './results.ts';
import { sealedHours, sealedUntil } from './sealed-hours.ts';

/** A run that counts, as results of its own and of its transactions. */
export interface AddedRun {
  monitorId: string;
  sentinelId: string;
  startedAt: number;
  results: readonly Result[];
  /** Null: nothing went wrong. */
  failure: AddedFailure | null;
}

/** Adds runs to their hours where these are sealed; call it in the transaction that stores them. The others are left alone. */
export async function addToSealed(db: CustomerDb, runs: readonly AddedRun[]): Promise<void> {
  if (runs.length === 0 || (await sealedUntil(db)) === 0) return;
  const calendar = await calendarOf(db);
  const { timeZone } = calendar;
  const placed = runs.map((run) => ({ ...run, ...localHour(run.startedAt, timeZone) }));
  const monitors = [...new Set(runs.map((run) => run.monitorId))];
  const [from, to] = [Math.min(...placed.map((run) => run.from)), Math.max(...placed.map((run) => run.to))];
  const isSealed = await sealedHours(db, monitors, { from, to });
  for (const run of placed.filter(isSealed)) {
    await addToFailures(db, run);
    if (run.from < (await holdHoursFrom(db, run.monitorId))) await addToDay(db, run, calendar);
    else for (const result of run.results) await addOne(db, run.monitorId, run.from, result);
  }
}

async function addToFailures(
  db: CustomerDb,
  { failure, startedAt, monitorId, from, ...run }: AddedRun & Period,
): Promise<void> {
  const [whole] = run.results;
  if (!failure || !whole) return;
  const place = { monitor_id: monitorId, hour: from, sentinel_id: run.sentinelId, location_id: whole.locationId };
  await addFailure(db, place, failure, startedAt);
}

async function addOne(db: CustomerDb, monitor_id: string, hour: number, result: Result): Promise<void> {
  const { transactionId: transaction_id, sentinelId: sentinel_id, locationId: location_id } = result;
  const key = { monitor_id, hour, transaction_id, sentinel_id, location_id };
  const before: RollupRow | undefined = await db<RollupRow>('rollups').where(key).first();
  const figures = noFigures();
  if (before) addRollup(figures, before);
  addResult(figures, result);
  const row: RollupRow = { expected: 0, requested: 0, told: null, ...before, ...key, ...toRollup(figures) };
  await db<RollupRow>('rollups').where(key).delete();
  await db('rollups').insert(row);
}
