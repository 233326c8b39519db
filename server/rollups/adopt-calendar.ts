import { atomically } from '../../db/atomically.ts';
import type { CalendarRow, ClosedHoursRow, FailureHourRow, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { chunksOf } from '../../db/in-chunks.ts';
import { type Calendar, calendarOf } from './calendar.ts';
import { markDirty } from './dirty-hours.ts';
import { unguarded } from './guard.ts';
import { hourMs, hourOf } from './hours.ts';
import { hoursFrom } from './kept-hours.ts';
import { sealedUntil } from './sealed-hours.ts';

/** So much is gone through at once: of 100 sentinels a week are 17,000 hours, in less than a second. */
const pieceMs = 7 * 24 * hourMs;
const longestDayMs = 25 * hourMs;

export interface Adopting {
  signal?: AbortSignal | undefined;
  guard?: typeof unguarded;
  /** Told after each piece: one monitor's hours from `from` (ms) on are to be made anew. */
  progress?: (monitorId: string, from: number) => void;
}

/**
 * Has the rollups made anew if they were made by another calendar, piece by piece and the newest first. Until that is done
 * reports lack what is still to be made. False if `signal` ended it: then nothing may be rolled up by the calendar before,
 * and the next call goes on.
 */
export async function adoptCalendar(db: CustomerDb, calendar: Calendar, options: Adopting = {}): Promise<boolean> {
  const { signal, guard = unguarded, progress = () => {} } = options;
  const before = await calendarOf(db);
  if (before.timeZone === calendar.timeZone && before.businessHours === calendar.businessHours) return true;
  const isOtherZone = before.timeZone !== calendar.timeZone;
  const work = async (monitorId: string, newestOf: typeof newestHour, ofHours: boolean) => {
    for (;;) {
      if (signal?.aborted) return false;
      const newest = await newestOf(db, monitorId);
      if (newest === null) return true;
      const from = newest - pieceMs + 1;
      const to = ofHours ? newest + 1 : newest + longestDayMs;
      await atomically(db, async (trx) => {
        await guard(trx);
        await remake(trx, monitorId, { from, to }, ofHours);
      });
      progress(monitorId, from);
    }
  };
  for (const monitorId of await db('monitors').pluck('id')) {
    if (isOtherZone && !(await work(monitorId, newestHour, true))) return false;
    // Of sealed hours, which stay as they are, the days alone.
    if (!(await work(monitorId, newestDay, false))) return false;
  }
  await atomically(db, async (trx) => {
    await guard(trx);
    if (isOtherZone) await trx<ClosedHoursRow>('closed_hours').delete();
    // Of days that begin before their first hour; but of those whose hours are gone nobody can make others.
    const without = trx('kept_hours').whereRaw('kept_hours.monitor_id = day_rollups.monitor_id and from_at > day');
    await trx('day_rollups').whereNotExists(without).delete();
    const row: CalendarRow = { id: 1, time_zone: calendar.timeZone, business_hours: calendar.businessHours };
    await trx('calendar').insert(row).onConflict('id').merge();
  });
  return true;
}

/* What was gone through is no more, so that the newest is always where to go on. */

async function newestHour(db: CustomerDb, monitor_id: string): Promise<number | null> {
  const until = await sealedUntil(db);
  const row = await unsealed(db, monitor_id, until).max<{ newest: number | null }>({ newest: 'hour' }).first();
  return row?.newest ?? null;
}

/** A monitor's hours that may be made anew. */
function unsealed(db: CustomerDb, monitor_id: string, until: number) {
  const hours = db<RollupRow>('rollups').where({ monitor_id });
  if (until === 0) return hours;
  const sealed = db('sealed_hours as s')
    .whereRaw('s.monitor_id = rollups.monitor_id and s.sentinel_id = rollups.sentinel_id')
    .whereRaw(`s.hour > rollups.hour - ${hourMs} and s.hour < rollups.hour + ${hourMs}`);
  return hours.where('hour', '>=', until).whereNotExists(sealed);
}

async function newestDay(db: CustomerDb, monitor_id: string): Promise<number | null> {
  const whole = { monitor_id, scope: 'all', business: 0, transaction_id: 0 };
  const kept = await hoursFrom(db, monitor_id);
  const row = await db('day_rollups')
    .where(whole)
    .where('day', '>=', kept)
    .max<{ newest: number | null }>({ newest: 'day' })
    .first();
  return row?.newest ?? null;
}

/** Hours stay where they are while the zone is the same: only their days are others. */
async function remake(
  db: CustomerDb,
  monitor_id: string,
  { from, to }: { from: number; to: number },
  isOtherZone: boolean,
): Promise<void> {
  const inPiece = () => db<RollupRow>('rollups').where({ monitor_id }).where('hour', '>=', from).where('hour', '<', to);
  const rows = await inPiece().distinct<Pick<RollupRow, 'hour' | 'sentinel_id'>[]>('hour', 'sentinel_id');
  // Where hours begin at other minutes than before, an hour of before has a part in the one after too.
  const hours = rows.flatMap(({ hour, sentinel_id }) =>
    [hour, hour + hourMs - 1].map((at) => ({ hour: hourOf(at), monitor_id, sentinel_id })),
  );
  await markDirty(db, hours);
  const ids: number[] = [0, ...(await db('transactions').where({ monitor_id }).pluck('id'))];
  const keptFrom = await hoursFrom(db, monitor_id);
  for (const some of chunksOf(ids))
    await db('day_rollups')
      .where({ monitor_id })
      .whereIn('scope', ['all', 'location', 'sentinel'])
      .whereIn('business', [0, 1])
      .whereIn('transaction_id', some)
      .where('day', '>=', Math.max(from, keptFrom))
      .delete();
  if (!isOtherZone) return;
  const until = await sealedUntil(db);
  await unsealed(db, monitor_id, until).where('hour', '>=', from).where('hour', '<', to).delete();
  await db<FailureHourRow>('failure_hours')
    .where({ monitor_id })
    .where('hour', '>=', Math.max(from, until))
    .where('hour', '<', to)
    .delete();
}
