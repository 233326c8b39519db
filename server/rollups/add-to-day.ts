import type { DayRollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { maintenanceWindows } from '../reports/maintenance-windows.ts';
import type { Period } from '../reports/shapes.ts';
import type { AddedRun } from './add-to-sealed.ts';
import { businessHours, type Calendar } from './calendar.ts';
import { addResult, addRollup, noFigures, toRollup } from './figures.ts';
import { hourMs } from './hours.ts';
import { outsideMaintenance } from './kept-hours.ts';
import { localDay } from './local-hours.ts';
import type { Result } from './results.ts';

const dayMs = 24 * hourMs;

/** Adds a run to the figures of its day, whose hours are gone. */
export async function addToDay(db: CustomerDb, run: AddedRun & Period, calendar: Calendar): Promise<void> {
  const { monitorId, from, to } = run;
  const day = await dayOf(db, monitorId, from, calendar.timeZone);
  const windows = await maintenanceWindows(db, monitorId, { from, to });
  const isTold = await db<DayRollupRow>('day_rollups')
    .where({ monitor_id: monitorId, day, scope: 'all', transaction_id: 0, business: outsideMaintenance })
    .first('day');
  const kinds = [0, ...(isTold && windows.length === 0 ? [outsideMaintenance] : [])];
  const all = businessHours(calendar)(from) ? kinds.flatMap((kind) => [kind, kind + 1]) : kinds;
  for (const result of run.results) {
    for (const business of all) await addOne(db, { monitor_id: monitorId, day, business }, result);
  }
}

/** Where the row of the day begins in which an hour lies: where one that is there does, though the zone was another then. */
async function dayOf(db: CustomerDb, monitor_id: string, hour: number, timeZone: string): Promise<number> {
  const own = localDay(hour, timeZone).from;
  const [known]: Pick<DayRollupRow, 'day'>[] = await db<DayRollupRow>('day_rollups')
    .where({ monitor_id, scope: 'all', business: 0, transaction_id: 0 })
    .where('day', '<=', hour)
    .orderBy('day', 'desc')
    .limit(1)
    .select('day');
  const isOfOtherZone = known !== undefined && localDay(known.day, timeZone).from !== known.day;
  return isOfOtherZone && hour - known.day < dayMs ? known.day : own;
}

async function addOne(
  db: CustomerDb,
  at: Pick<DayRollupRow, 'monitor_id' | 'day' | 'business'>,
  result: Result,
): Promise<void> {
  const places = { all: '', location: result.locationId, sentinel: result.sentinelId } as const;
  for (const scope of ['all', 'location', 'sentinel'] as const) {
    const key = { ...at, scope, transaction_id: result.transactionId, place: places[scope] };
    const before: DayRollupRow | undefined = await db<DayRollupRow>('day_rollups').where(key).first();
    const figures = noFigures();
    if (before) addRollup(figures, before);
    addResult(figures, result);
    // It was missed until now, if any was.
    const lost = Math.max(0, (before?.lost ?? 0) - (result.transactionId === 0 ? 1 : 0));
    const row: DayRollupRow = { told: null, ...before, ...key, ...toRollup(figures), lost };
    await db<DayRollupRow>('day_rollups').where(key).delete();
    await db('day_rollups').insert(row);
  }
}
