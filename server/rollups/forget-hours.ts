import { atomically } from '../../db/atomically.ts';
import { firstIdAt, idTime, monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow, DirtyHourRow, KeptHoursRow, RollupRow, RunRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { maintenanceWindows } from '../reports/maintenance-windows.ts';
import type { Period } from '../reports/shapes.ts';
import { businessHours, type Calendar, calendarOf } from './calendar.ts';
import { closedUntil } from './closed-until.ts';
import { noFigures, toRollup } from './figures.ts';
import { type Guard, unguarded } from './guard.ts';
import { hourMs } from './hours.ts';
import { moveHoursFrom, outsideMaintenance, toMiddleMs } from './kept-hours.ts';
import { localDay } from './local-hours.ts';
import { dayRows, hoursBetween, writeDay } from './roll-up-day.ts';
import { watchedMonitors } from './watched.ts';

const dayMs = 24 * hourMs;

/**
 * Up to where figures by the hour may go at `now` (ms): so many months old, and of months that have left the database.
 * Judged by the newest run too, so that a clock that jumped ahead takes nothing away. 0: none may.
 */
export async function hoursMayGoUntil(db: CustomerDb, now: number, months: number): Promise<number> {
  const moved = await db<ArchiveMonthRow>('archive_months').where({ part: 0 }).orderBy('from_at');
  const firstNot = moved.findIndex(({ state }) => state !== 'removed' && state !== 'erased');
  const last = (firstNot === -1 ? moved : moved.slice(0, firstNot)).at(-1);
  const newest = await db<RunRow>('runs')
    .where('id', '<', firstIdAt(now + dayMs))
    .orderBy('id', 'desc')
    .first('id');
  if (!last || !newest) return 0;
  return Math.min(monthOf(last.from_at).to, monthOf(Math.min(now, idTime(newest.id)), -months).from);
}

/**
 * Removes figures by the hour of days that end before an instant (ms), the oldest first, each day in one transaction in which
 * its own figures are made of these hours once more. A day that is not closed, or has hours still to be made anew, ends it for
 * its monitor until the next call. Returns how many days there were.
 */
export async function forgetHours(
  db: CustomerDb,
  before: number,
  { guard = unguarded, signal }: { guard?: Guard; signal?: AbortSignal } = {},
): Promise<number> {
  const calendar = await calendarOf(db);
  let days = 0;
  for (const watched of (await watchedMonitors(db)).values()) {
    const until = Math.min(before, await closedUntil(db, watched, calendar.timeZone));
    const none: KeptHoursRow = { monitor_id: watched.monitor.id, from_at: 0 };
    await db('kept_hours').insert(none).onConflict('monitor_id').ignore();
    for (let more = true; more && !signal?.aborted; ) {
      more = await atomically(db, async (trx) => {
        const kept = await moveHoursFrom(trx, watched.monitor.id);
        await guard(trx);
        return forgetDay(trx, watched.monitor.id, { kept, until }, calendar);
      });
      if (more) days++;
    }
  }
  return days;
}

/** The oldest day of a monitor that has hours; false where it must keep them. */
async function forgetDay(
  trx: CustomerDb,
  id: string,
  { kept, until }: { kept: number; until: number },
  calendar: Calendar,
): Promise<boolean> {
  const oldest = await trx<RollupRow>('rollups')
    .where({ monitor_id: id })
    .where('hour', '>=', kept)
    .orderBy('hour')
    .first('hour');
  if (!oldest) return false;
  const day = localDay(oldest.hour, calendar.timeZone);
  const part = { from: Math.max(kept, day.from), to: day.to };
  if (part.to > until || (await hasDirty(trx, id, part))) return false;
  const hours = await hoursBetween(trx, id, part);
  await writeDay(trx, id, keyOf(part), await rowsOf(trx, id, part, hours, calendar));
  await trx<RollupRow>('rollups')
    .where({ monitor_id: id })
    .where('hour', '>=', part.from)
    .where('hour', '<', part.to)
    .delete();
  const row: KeptHoursRow = { monitor_id: id, from_at: part.to };
  await trx('kept_hours').insert(row).onConflict('monitor_id').merge();
  return true;
}

/** Where the row of a day begins; of what is left of one after the zone was changed, so that its middle lies in it. */
function keyOf({ from, to }: Period): number {
  return Math.min(from, to - toMiddleMs - hourMs);
}

async function hasDirty(trx: CustomerDb, monitor_id: string, { from, to }: Period): Promise<boolean> {
  const marks = trx<DirtyHourRow>('dirty_hours')
    .where({ monitor_id })
    .where('hour', '>', from - hourMs);
  return (await marks.where('hour', '<', to).first('hour')) !== undefined;
}

/** Of a day that a maintenance touches also what there was outside of it: later nobody can tell them apart. */
async function rowsOf(
  trx: CustomerDb,
  monitorId: string,
  part: Period,
  hours: readonly RollupRow[],
  calendar: Calendar,
) {
  const isBusiness = businessHours(calendar);
  const day = { from: keyOf(part), to: part.to };
  const all = dayRows(hours, monitorId, day, isBusiness);
  const windows = await maintenanceWindows(trx, monitorId, part);
  if (windows.length === 0) return all;
  const isFree = ({ hour }: RollupRow) => windows.every(({ from, to }) => to <= hour || from >= hour + hourMs);
  const outside = dayRows(hours.filter(isFree), monitorId, day, isBusiness);
  const told = outside.map((row) => ({ ...row, business: row.business + outsideMaintenance }));
  return [...all, ...told, ...[0, 1].flatMap((business) => markOf(told, { monitorId, day: day.from, business }))];
}

/** A day that lay in a maintenance whole says so by a row of whole runs without any. */
function markOf(
  told: readonly { business: number; scope: string; transaction_id: number }[],
  { monitorId, day, business }: { monitorId: string; day: number; business: number },
) {
  const isThere = told.some(
    (row) => row.business === business + outsideMaintenance && row.scope === 'all' && row.transaction_id === 0,
  );
  const place = { monitor_id: monitorId, day, scope: 'all' as const, business: business + outsideMaintenance };
  return isThere ? [] : [{ ...place, transaction_id: 0, place: '', ...toRollup(noFigures()), told: null, lost: 0 }];
}
