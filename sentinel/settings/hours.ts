import { readHours, windows } from '../protocol/hours.ts';
import { dayOf } from '../protocol/local-day.ts';

/** Whether an instant (ms since 1970) lies in the hours of a week, in this device's time zone. Without hours it does. */
export function areNow(hours: string | undefined, now: number, timeZone = Temporal.Now.timeZoneId()): boolean {
  if (hours === undefined) return true;
  const today = dayOf(now, timeZone);
  return windows(readHours(hours), timeZone, today - 1, today).some(([from, to]) => from <= now && now < to);
}
