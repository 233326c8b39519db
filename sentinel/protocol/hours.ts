import { weekdays } from './cron.ts';
import { localTime, weekday } from './local-day.ts';

/** Hours of a week are not written as they should be; the message says how. */
export class HoursFault extends Error {
  override readonly name = 'HoursFault';
}

/** Part of a week: on these weekdays (0 is Sunday), from and to so many minutes after midnight. */
interface Part {
  weekdays: ReadonlySet<number>;
  from: number;
  /** Above 1440: on the next day. */
  to: number;
}

export type Hours = readonly Part[];

/** From the first instant up to, not including, the second (ms). */
export type Window = readonly [from: number, to: number];

/**
 * Reads hours of a week: `mon-fri 08:00-18:00`, or several such, `mon-fri 08:00-18:00, sat 22:00-02:00`, where an end
 * that is not after the start lies on the next day. Throws `HoursFault`.
 */
export function readHours(text: string): Hours {
  return text.split(',').map((part) => {
    const [, first = '', last = first, from = '', to = ''] =
      /^([a-z]{3})(?:-([a-z]{3}))? +(\d\d:\d\d)-(\d\d:\d\d)$/.exec(part.trim().toLowerCase()) ?? [];
    const days = daysFrom(weekdays.indexOf(first), weekdays.indexOf(last));
    const [begin, end] = [minutesOf(from), minutesOf(to)];
    if (!days || begin === undefined || end === undefined || begin === 1440)
      throw new HoursFault(`"${part.trim()}" are no hours of a week: write them as in "mon-fri 08:00-18:00"`);
    return { weekdays: days, from: begin, to: end > begin ? end : end + 1440 };
  });
}

function daysFrom(first: number, last: number): Set<number> | undefined {
  if (first === -1 || last === -1) return undefined;
  return new Set(Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, i) => (first + i) % 7));
}

function minutesOf(time: string): number | undefined {
  const [hours = 24, minutes = 60] = time.split(':').map(Number);
  const all = hours * 60 + minutes;
  return minutes > 59 || all > 1440 ? undefined : all;
}

/**
 * The windows that begin on the days from `first` to `last`, in order. Where two overlap, the later one takes over when it
 * begins, up to the end of both.
 */
export function windows(hours: Hours, timeZone: string, first: number, last: number): Window[] {
  const found: Window[] = [];
  for (let day = first; day <= last; day++) {
    for (const part of hours) if (part.weekdays.has(weekday(day))) found.push(windowOn(day, part, timeZone));
  }
  found.sort(([a], [b]) => a - b);
  let latest = Number.NEGATIVE_INFINITY;
  const cut = found.map(([from, to], i) => {
    latest = Math.max(latest, to);
    return [from, Math.min(latest, found[i + 1]?.[0] ?? latest)] as const;
  });
  return cut.filter(([from, to]) => from < to);
}

function windowOn(day: number, { from, to }: Part, timeZone: string): Window {
  const end = to > 1440 ? localTime(day + 1, to - 1440, timeZone) : localTime(day, to, timeZone);
  return [localTime(day, from, timeZone), end];
}
