import { atomically } from '../../db/atomically.ts';
import type { CalendarRow, ClosedHoursRow, FailureHourRow, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { type Calendar, calendarOf } from './calendar.ts';
import { markDirty } from './dirty-hours.ts';
import { unguarded } from './guard.ts';
import { hourMs, hourOf } from './hours.ts';

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
  for (const monitorId of await db('monitors').pluck('id')) {
    for (;;) {
      if (signal?.aborted) return false;
      const newest = await (isOtherZone ? newestHour(db, monitorId) : newestDay(db, monitorId));
      if (newest === null) break;
      const from = newest - pieceMs + 1;
      const to = isOtherZone ? newest + 1 : newest + longestDayMs;
      await atomically(db, async (trx) => {
        await guard(trx);
        await remake(trx, monitorId, { from, to }, isOtherZone);
      });
      progress(monitorId, from);
    }
  }
  await atomically(db, async (trx) => {
    await guard(trx);
    if (isOtherZone) await trx<ClosedHoursRow>('closed_hours').delete();
    await trx('day_rollups').delete(); // of days that begin before their first hour
    const row: CalendarRow = { id: 1, time_zone: calendar.timeZone, business_hours: calendar.businessHours };
    await trx('calendar').insert(row).onConflict('id').merge();
  });
  return true;
}

/* What was gone through is no more, so that the newest is always where to go on. */

async function newestHour(db: CustomerDb, monitor_id: string): Promise<number | null> {
  const row = await db('rollups').where({ monitor_id }).max<{ newest: number | null }>({ newest: 'hour' }).first();
  return row?.newest ?? null;
}

async function newestDay(db: CustomerDb, monitor_id: string): Promise<number | null> {
  const whole = { monitor_id, scope: 'all', business: 0, transaction_id: 0 };
  const row = await db('day_rollups').where(whole).max<{ newest: number | null }>({ newest: 'day' }).first();
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
  await db('day_rollups')
    .where({ monitor_id })
    .whereIn('scope', ['all', 'location', 'sentinel'])
    .whereIn('business', [0, 1])
    .whereIn('transaction_id', ids)
    .where('day', '>=', from)
    .delete();
  if (!isOtherZone) return;
  await inPiece().delete();
  await db<FailureHourRow>('failure_hours')
    .where({ monitor_id })
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .delete();
}
