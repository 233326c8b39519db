import { atomically } from '../../db/atomically.ts';
import type { CalendarRow, ClosedHoursRow, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { readHours, windows } from '../../sentinel/protocol/hours.ts';
import { dayOf } from '../../sentinel/protocol/local-day.ts';
import { markDirty } from './dirty-hours.ts';
import { unguarded } from './guard.ts';
import { hourMs, hourOf } from './hours.ts';

/** By which clock a customer's hours and days are reckoned. */
export interface Calendar {
  timeZone: string;
  /** Hours of a week in that zone, from and to full hours. */
  businessHours: string;
}

export const usualBusinessHours = 'mon-fri 08:00-18:00';

/** The calendar by which the rollups were made. */
export async function calendarOf(db: CustomerDb): Promise<Calendar> {
  const row = await db<CalendarRow>('calendar').first();
  return row
    ? { timeZone: row.time_zone, businessHours: row.business_hours }
    : { timeZone: 'UTC', businessHours: usualBusinessHours };
}

/**
 * Has the rollups made anew if they were made by another calendar. Until that is done reports lack what is still to be
 * made; the newest hours come first.
 */
export async function adoptCalendar(db: CustomerDb, calendar: Calendar, guard = unguarded): Promise<void> {
  const before = await calendarOf(db);
  if (before.timeZone === calendar.timeZone && before.businessHours === calendar.businessHours) return;
  await atomically(db, async (trx) => {
    await guard(trx);
    const rows = await trx('rollups').distinct<RollupRow[]>('hour', 'monitor_id', 'sentinel_id');
    // Where hours begin at other minutes than before, an hour of before has a part in the one after too.
    const hours = rows.flatMap((row) => [row.hour, row.hour + hourMs - 1].map((at) => ({ ...row, hour: hourOf(at) })));
    await markDirty(trx, hours);
    await trx('day_rollups').delete();
    if (before.timeZone !== calendar.timeZone) {
      await trx('rollups').delete();
      await trx<ClosedHoursRow>('closed_hours').delete();
    }
    const row: CalendarRow = { id: 1, time_zone: calendar.timeZone, business_hours: calendar.businessHours };
    await trx('calendar').insert(row).onConflict('id').merge();
  });
}

/** Whether hours of the calendar are business hours: by the instant they begin. */
export function businessHours({ timeZone, businessHours }: Calendar): (hour: number) => boolean {
  const hours = readHours(businessHours);
  const open = new Map<number, ReturnType<typeof windows>>();
  return (hour) => {
    const day = dayOf(hour, timeZone);
    const found = open.get(day) ?? windows(hours, timeZone, day - 1, day);
    open.set(day, found);
    return found.some(([from, to]) => from <= hour && hour < to);
  };
}
