import { dayOf, dayStart, isRegular, localTime, minuteMs, minutesShown, weekday } from './local-day.ts';

/** A cron expression is not one; the message says what is wrong with it. */
export class CronFault extends Error {
  override readonly name = 'CronFault';
}

/** A read cron expression: on which days it comes, and at which minutes of these. */
export interface Cron {
  /** Minutes after midnight, ascending. */
  minutes: readonly number[];
  /** It comes in every hour, so that it goes on through a clock change as time does. */
  everyHour: boolean;
  isOn(day: number): boolean;
  /** The nearest day in a month on which it comes: `day` itself, or one after it (`direction` 1) or before it (-1). */
  inMonth(day: number, direction: 1 | -1): number;
}

const shorthands: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * sun',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const dayMs = 86_400_000;
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const form = 'five fields: minute, hour, day of the month, month, day of the week, as in "*/15 8-17 * * mon-fri"';

/**
 * Reads five fields with `*`, lists, ranges, steps and names, or `@hourly` and its like. Where both day of the month and
 * day of the week are given, either is enough. Throws `CronFault`.
 */
export function readCron(text: string): Cron {
  const fields = (shorthands[text.trim().toLowerCase()] ?? text).trim().toLowerCase().split(/\s+/);
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields;
  if (fields.length !== 5) throw new CronFault(`"${text}" is no cron expression: write ${form}`);
  const minutesIn = readField('minute', minute, 0, 59);
  const hoursIn = readField('hour', hour, 0, 23);
  const datesIn = readField('day of the month', dayOfMonth, 1, 31);
  const monthsIn = readField('month', month, 1, 12, months, 1);
  const weekdaysIn = new Set([...readField('day of the week', dayOfWeek, 0, 7, weekdays)].map((day) => day % 7));
  const anyDate = dayOfMonth.startsWith('*');
  const anyWeekday = dayOfWeek.startsWith('*');
  const comes = [...monthsIn].some((m) => [...datesIn].some((date) => date <= (longestMonths[m - 1] ?? 0)));
  if (!comes && anyWeekday) throw new CronFault(`"${text}" never comes: no such month has such a day`);
  return {
    minutes: [...hoursIn].flatMap((h) => [...minutesIn].map((m) => h * 60 + m)).sort((a, b) => a - b),
    everyHour: hoursIn.size === 24,
    isOn(day) {
      const date = new Date(day * dayMs);
      if (!monthsIn.has(date.getUTCMonth() + 1)) return false;
      const [onDate, onWeekday] = [datesIn.has(date.getUTCDate()), weekdaysIn.has(weekday(day))];
      return anyDate || anyWeekday ? onDate && onWeekday : onDate || onWeekday;
    },
    inMonth(day, direction) {
      let found = new Date(day * dayMs);
      for (let i = 0; i < 12 && !monthsIn.has(found.getUTCMonth() + 1); i++) found = nextMonth(found, direction);
      return found.getTime() / dayMs;
    },
  };
}

/** The first day of the month after, or the last one of the month before. */
function nextMonth(at: Date, direction: 1 | -1): Date {
  const month = direction === 1 ? at.getUTCMonth() + 1 : at.getUTCMonth();
  return new Date(Date.UTC(at.getUTCFullYear(), month, direction === 1 ? 1 : 0));
}

function readField(
  what: string,
  text: string,
  least: number,
  most: number,
  names: readonly string[] = [],
  first = 0,
): Set<number> {
  const fault = (part: string) =>
    new CronFault(`"${part}" is no ${what} of a cron expression: ${least} to ${most}, as in *, ${least}-${most}, */2`);
  const numberOf = (part: string, whole: string): number => {
    const named = names.indexOf(part);
    const value = named === -1 && /^\d{1,2}$/.test(part) ? Number(part) : named === -1 ? -1 : named + first;
    if (value < least || value > most) throw fault(whole);
    return value;
  };
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/([1-9]\d?))?$/.exec(part) ?? [];
    const [from = '', to] = range === '*' ? [String(least), String(most)] : range.split('-', 3);
    const begin = numberOf(from, part);
    const end = to === undefined ? (step === undefined ? begin : most) : numberOf(to, part);
    if (end < begin || range.split('-').length > 2) throw fault(part);
    for (let value = begin; value <= end; value += Number(step ?? 1)) found.add(value);
  }
  return found;
}

/**
 * When a cron expression comes on a day, ascending (ms). One that comes in every hour follows the time that really passes.
 * Any other comes once for each time it names, also where the clock skips that time or shows it twice; see `localTime`.
 */
export function timesOn(cron: Cron, day: number, timeZone: string): number[] {
  if (!cron.isOn(day)) return [];
  const start = dayStart(day, timeZone);
  if (isRegular(day, timeZone)) return cron.minutes.map((minute) => start + minute * minuteMs);
  if (cron.everyHour) {
    const named = new Set(cron.minutes);
    return minutesShown(day, timeZone).flatMap((minute, i) => (named.has(minute) ? [start + i * minuteMs] : []));
  }
  const end = dayStart(day + 1, timeZone);
  const times = new Set(cron.minutes.map((minute) => localTime(day, minute, timeZone)));
  return [...times].filter((at) => at < end).sort((a, b) => a - b);
}

/** A leap day comes at least once in so many days. */
const longestWaitDays = 8 * 366 + 1;

/** Which of the times on a day count; all, unless said otherwise. */
export type Filter = (day: number) => (at: number) => boolean;

const all: Filter = () => () => true;

/** The latest time that is not after `at`. */
export function lastTime(cron: Cron, timeZone: string, at: number, counts = all): number {
  const today = dayOf(at, timeZone);
  for (let day = cron.inMonth(today, -1); day > today - longestWaitDays; day = cron.inMonth(day - 1, -1)) {
    const found = timesOn(cron, day, timeZone)
      .filter(counts(day))
      .findLast((time) => time <= at);
    if (found !== undefined) return found;
  }
  return Number.NEGATIVE_INFINITY;
}

/** The first time after `at`. */
export function nextTime(cron: Cron, timeZone: string, at: number, counts = all): number {
  const today = dayOf(at, timeZone);
  for (let day = cron.inMonth(today, 1); day < today + longestWaitDays; day = cron.inMonth(day + 1, 1)) {
    const found = timesOn(cron, day, timeZone)
      .filter(counts(day))
      .find((time) => time > at);
    if (found !== undefined) return found;
  }
  return Number.POSITIVE_INFINITY;
}

/** How many times lie in [from, to). */
export function countTimes(cron: Cron, timeZone: string, from: number, to: number, counts = all): number {
  let count = 0;
  for (let day = dayOf(from, timeZone); dayStart(day, timeZone) < to; day++) {
    const isWhole = dayStart(day, timeZone) >= from && dayStart(day + 1, timeZone) <= to;
    if (isWhole && counts === all && isRegular(day, timeZone)) count += cron.isOn(day) ? cron.minutes.length : 0;
    else {
      const times = timesOn(cron, day, timeZone).filter((at) => at >= from && at < to);
      count += times.filter(counts(day)).length;
    }
  }
  return count;
}
