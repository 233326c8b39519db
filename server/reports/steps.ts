import { dayOf, dayStart, weekday } from '../../sentinel/protocol/local-day.ts';
import { TooMuch } from '../http/refused.ts';
import { hourMs } from '../rollups/hours.ts';
import { localDay, localHour } from '../rollups/local-hours.ts';
import { dayMs, rowsLimitMs } from './period.ts';
import type { Period, Step } from './shapes.ts';

/** Steps that one answer tells at most. */
export const mostSteps = 10_000;

interface Ruler {
  /** The step in which an instant lies. */
  at(instant: number, timeZone: string): Period;
  /** About how long a step is. */
  lengthMs: number;
  /** How many there may be of one report, over all its pages. */
  most: number;
  /** What to take where these are too many. */
  longer?: Step;
}

const minuteMs = 60_000;

/** How time is cut, in the days of a time zone. Weeks begin on Monday. */
export const rulers: Record<Step, Ruler> = {
  minute: { at: minute, lengthMs: minuteMs, most: rowsLimitMs / minuteMs, longer: 'hour' },
  hour: { at: localHour, lengthMs: hourMs, most: mostSteps, longer: 'day' },
  day: { at: localDay, lengthMs: dayMs, most: mostSteps, longer: 'week' },
  week: { at: week, lengthMs: 7 * dayMs, most: mostSteps, longer: 'month' },
  month: { at: month, lengthMs: 30 * dayMs, most: mostSteps },
};

const named: Record<Step, string> = {
  minute: 'a minute',
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
};

/** Throws `TooMuch` where the period has more steps than a report may have. */
export function refuseManySteps({ from, to }: Period, step: Step): void {
  const { lengthMs, most } = rulers[step];
  if (to - from <= most * lengthMs) return;
  const longer = longerFor(to - from, step);
  throw new TooMuch(
    `from: a report has at most ${most} steps of ${named[step]}, and this period has more: ask for a shorter one` +
      (longer ? `, or for step=${longer}` : ''),
  );
}

function longerFor(lengthMs: number, step: Step): Step | undefined {
  const { longer } = rulers[step];
  if (!longer || lengthMs <= rulers[longer].most * rulers[longer].lengthMs) return longer;
  return longerFor(lengthMs, longer);
}

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
