import { type Cron, countTimes, type Filter, lastTime, nextTime, readCron } from './cron.ts';
import { type Hours, readHours, type Window, windows } from './hours.ts';
import { dayOf, minuteMs } from './local-day.ts';
import type { Schedule } from './messages.ts';

/*
 * When the runs of a monitor on a sentinel are due. A plain interval is a fixed grid, shifted by an amount that depends
 * on both ids; within allowed hours the grid begins anew with each window, so that each has at least one run; a cron
 * expression names minutes, and each sentinel has its own second in them. So a common start makes no herd, and the server
 * can count the runs it should have seen without being told.
 */

/** Shift of a monitor's times at a sentinel in ms: FNV-1a over both ids, which spreads ids that differ by little. */
export function shift({ everyMs, cron }: Schedule, monitorId: string, sentinelId: string): number {
  const ids = `${monitorId}/${sentinelId}`;
  let hash = 0x811c9dc5;
  // A report of thousands of sentinels asks for it in each of its hours.
  for (let i = 0; i < ids.length; i++) hash = Math.imul(hash ^ ids.charCodeAt(i), 0x01000193) >>> 0;
  return Math.floor((hash / 2 ** 32) * (cron === undefined ? everyMs : minuteMs));
}

/** The latest time that is not after `now` (ms); -Infinity where there is none. */
export function lastDueAt(schedule: Schedule, shiftMs: number, now: number): number {
  const { everyMs } = schedule;
  const { hours, timeZone, timesAround } = read(schedule);
  if (timesAround) return timesAround(now - shiftMs).last + shiftMs;
  if (!hours) return Math.floor((now - shiftMs) / everyMs) * everyMs + shiftMs;
  const today = dayOf(now, timeZone);
  const begun = windows(hours, timeZone, today - longestPauseDays, today + 1).map((w) => firstIn(w, everyMs, shiftMs));
  const latest = begun.findLast(({ first }) => first <= now);
  if (!latest) return Number.NEGATIVE_INFINITY;
  const last = Math.min(now, latest.to - 1);
  return latest.first + Math.floor((last - latest.first) / everyMs) * everyMs;
}

/** The first time after `now` (ms); Infinity where there is none. */
export function nextDueAt(schedule: Schedule, shiftMs: number, now: number): number {
  const { everyMs } = schedule;
  const { hours, timeZone, timesAround } = read(schedule);
  if (timesAround) return timesAround(now - shiftMs).next + shiftMs;
  if (!hours) return lastDueAt(schedule, shiftMs, now) + everyMs;
  const today = dayOf(now, timeZone);
  for (const window of windows(hours, timeZone, today - 2, today + longestPauseDays)) {
    const { first, to } = firstIn(window, everyMs, shiftMs);
    const next = first > now ? first : first + (Math.floor((now - first) / everyMs) + 1) * everyMs;
    if (next < to) return next;
  }
  return Number.POSITIVE_INFINITY;
}

/** How many times lie in [from, to). */
export function expectedRuns(schedule: Schedule, shiftMs: number, from: number, to: number): number {
  if (to <= from) return 0;
  const { everyMs } = schedule;
  const { cron, hours, timeZone } = read(schedule);
  if (cron) return countTimes(cron, timeZone, from - shiftMs, to - shiftMs, within(hours, timeZone));
  if (!hours) return gridTimes(shiftMs, everyMs, from, to);
  const all = windows(hours, timeZone, dayOf(from, timeZone) - 2, dayOf(to, timeZone) + 1);
  return all.reduce((sum, window) => {
    const { first, to: end } = firstIn(window, everyMs, shiftMs);
    return sum + gridTimes(first, everyMs, Math.max(from, first), Math.min(to, end));
  }, 0);
}

/** Whether the schedule is a plain interval, that is one without cron expression or hours. */
export function isPlain({ cron, hours }: Schedule): boolean {
  return cron === undefined && hours === undefined;
}

/** Whether an instant lies within hours of a week in a time zone, both as they are written. Throws `HoursFault`. */
export function isWithinHours(hours: string, timeZone: string, at: number): boolean {
  return within(readHours(hours), timeZone)?.(dayOf(at, timeZone))(at) ?? true;
}

/** Hours of a week come at least once in so many days. */
const longestPauseDays = 9;

/** How many of the times that are `everyMs` apart, one of them `origin`, lie in [from, to). */
function gridTimes(origin: number, everyMs: number, from: number, to: number): number {
  const before = (t: number) => Math.ceil((t - origin) / everyMs);
  return Math.max(0, before(to) - before(from));
}

/** The first time in a window; a short window's is shifted in proportion, so that it lies in it. */
function firstIn([from, to]: Window, everyMs: number, shiftMs: number): { first: number; to: number } {
  return { first: from + Math.floor(shiftMs * Math.min(1, (to - from) / everyMs)), to };
}

/** Which instants of a day lie within hours; undefined: all do. */
function within(hours: Hours | undefined, timeZone: string): Filter | undefined {
  if (!hours) return undefined;
  return (day) => {
    const open = windows(hours, timeZone, day - 1, day);
    return (at) => open.some(([from, to]) => from <= at && at < to);
  };
}

interface Reading {
  cron: Cron | undefined;
  hours: Hours | undefined;
  timeZone: string;
  /** The times of the cron expression, if there is one. */
  timesAround: TimesAround | undefined;
}

/** The latest time that is not after an instant, and the first after it. */
type TimesAround = (at: number) => { readonly last: number; readonly next: number };

/** Remembers what it found last: the schedule is asked every few seconds, and a leap day is looked for through years. */
function aroundInstants(cron: Cron, timeZone: string, counts: Filter | undefined): TimesAround {
  let found = { last: Number.POSITIVE_INFINITY, next: Number.NEGATIVE_INFINITY };
  return (at) => {
    if (at < found.last || at >= found.next)
      found = { last: lastTime(cron, timeZone, at, counts), next: nextTime(cron, timeZone, at, counts) };
    return found;
  };
}

const mostReadings = 1000;
const readings = new Map<string, Reading>();

function read({ cron, hours, timeZone = 'UTC' }: Schedule): Reading {
  const key = JSON.stringify([cron, hours, timeZone]);
  const known = readings.get(key);
  if (known) return known;
  if (readings.size >= mostReadings) readings.clear();
  const reading = newReading(cron, hours, timeZone);
  readings.set(key, reading);
  return reading;
}

function newReading(cronText: string | undefined, hoursText: string | undefined, timeZone: string): Reading {
  const cron = cronText === undefined ? undefined : readCron(cronText);
  const hours = hoursText === undefined ? undefined : readHours(hoursText);
  return { cron, hours, timeZone, timesAround: cron && aroundInstants(cron, timeZone, within(hours, timeZone)) };
}
