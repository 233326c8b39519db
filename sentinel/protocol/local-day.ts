/*
 * Days of a time zone, as whole numbers: 0 is 1 January 1970. Of the clock changes only this file and its callers in
 * `cron.ts` know; all else is arithmetic on instants (ms since 1970).
 */

const dayMs = 86_400_000;
export const minuteMs = 60_000;

/** There is no time zone of a name. */
export class TimeZoneFault extends Error {
  override readonly name = 'TimeZoneFault';
}

/** Throws `TimeZoneFault` unless there is a time zone of this name. */
export function checkTimeZone(name: string): void {
  try {
    Temporal.Now.zonedDateTimeISO(name);
  } catch {
    throw new TimeZoneFault(`there is no time zone "${name}": write one as in Europe/Amsterdam, or UTC`);
  }
}

const starts = new Map<string, Map<number, number>>();

/** The instant at which a day begins; of a day that a zone left out, that at which the next one does. */
export function dayStart(day: number, timeZone: string): number {
  const known = starts.get(timeZone) ?? new Map<number, number>();
  starts.set(timeZone, known);
  const found = known.get(day) ?? plainDate(day).toZonedDateTime(timeZone).epochMilliseconds;
  known.set(day, found);
  return found;
}

/** The day in which an instant lies. */
export function dayOf(at: number, timeZone: string): number {
  let day = Math.floor(at / dayMs);
  while (dayStart(day, timeZone) > at) day--;
  while (dayStart(day + 1, timeZone) <= at) day++;
  return day;
}

/** Whether no clock change falls into the day. */
export function isRegular(day: number, timeZone: string): boolean {
  return dayStart(day + 1, timeZone) - dayStart(day, timeZone) === dayMs;
}

/**
 * The instant at which the clock shows so many minutes after midnight. A time that the clock skips is as much later as
 * it skips (02:30 is 03:30 then); of one that comes twice, the first.
 */
export function localTime(day: number, minute: number, timeZone: string): number {
  const start = dayStart(day, timeZone);
  if (minute === 1440) return dayStart(day + 1, timeZone);
  const found = isRegular(day, timeZone) ? minute : minutesShown(day, timeZone).indexOf(minute);
  return start + (found === -1 ? minute : found) * minuteMs; // counted with the clock as it was before the change
}

const shown = new Map<string, readonly number[]>();

/** For each minute of a day that really passes, what the clock shows, in minutes after midnight. */
export function minutesShown(day: number, timeZone: string): readonly number[] {
  const key = `${timeZone} ${day}`;
  const start = dayStart(day, timeZone);
  const length = (dayStart(day + 1, timeZone) - start) / minuteMs;
  const found = shown.get(key) ?? Array.from({ length }, (_, i) => minuteOfDay(start + i * minuteMs, timeZone));
  shown.set(key, found);
  return found;
}

/** 0 is Sunday. */
export function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function plainDate(day: number): Temporal.PlainDate {
  return new Temporal.PlainDate(1970, 1, 1).add({ days: day });
}

function minuteOfDay(at: number, timeZone: string): number {
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return hour * 60 + minute;
}
