import type { CalendarRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { readHours, windows } from '../../sentinel/protocol/hours.ts';
import { dayOf } from '../../sentinel/protocol/local-day.ts';

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
