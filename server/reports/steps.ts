import { dayOf, dayStart, weekday } from '../../sentinel/protocol/local-day.ts';
import { hourMs } from '../rollups/hours.ts';
import { localDay, localHour } from '../rollups/local-hours.ts';
import { dayMs, rowsLimitMs } from './period.ts';
import type { Period, Step } from './shapes.ts';

/** Steps that one answer tells at most. */
export const mostSteps = 10_000;

interface Ruler {
  /** The step in which an instant lies. */
  at(instant: number, timeZone: string): Period;
  /** The longest period (ms) that is told in such steps, over all pages. */
  longestMs: number;
}

const minuteMs = 60_000;
const centuryMs = 40_000 * dayMs;

/** How time is cut, in the days of a time zone. Weeks begin on Monday. */
export const rulers: Record<Step, Ruler> = {
  minute: { at: minute, longestMs: rowsLimitMs },
  hour: { at: localHour, longestMs: mostSteps * hourMs },
  day: { at: localDay, longestMs: centuryMs },
  week: { at: week, longestMs: centuryMs },
  month: { at: month, longestMs: centuryMs },
};

/** Where the steps begin that have a part in the period, at most `most` of them, and where the last of these ends. */
export function boundsOf({ from, to }: Period, step: Step, timeZone: string, most: number): number[] {
  const bounds: number[] = [];
  for (let unit = rulers[step].at(from, timeZone); ; unit = rulers[step].at(unit.to, timeZone)) {
    bounds.push(unit.from);
    if (unit.to >= to || bounds.length === most) return [...bounds, unit.to];
  }
}

function minute(at: number): Period {
  const from = Math.floor(at / minuteMs) * minuteMs;
  return { from, to: from + minuteMs };
}

function week(at: number, timeZone: string): Period {
  const day = dayOf(at, timeZone);
  const monday = day - ((weekday(day) + 6) % 7);
  return { from: dayStart(monday, timeZone), to: dayStart(monday + 7, timeZone) };
}

function month(at: number, timeZone: string): Period {
  const first = new Temporal.PlainDate(1970, 1, 1).add({ days: dayOf(at, timeZone) }).with({ day: 1 });
  const begin = (date: Temporal.PlainDate) => date.toZonedDateTime(timeZone).epochMilliseconds;
  return { from: begin(first), to: begin(first.add({ months: 1 })) };
}
