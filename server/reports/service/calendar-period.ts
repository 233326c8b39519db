import type { Period } from '../shapes.ts';

/** Days of a calendar: from the first to the one before `end`. */
export interface Dates {
  first: Temporal.PlainDate;
  end: Temporal.PlainDate;
}

/** Longer ones would be no report that anybody reads. */
const mostDays = 1100;

/** `2026-10`, `2026-Q4`, `2026`, or `2026-10-05..2026-10-20` with both days; undefined for anything else. */
export function readDates(text: string): Dates | undefined {
  const [, year, rest = '', last] = /^((?:19|20|21)\d\d)(-.*?)?(?:\.\.(.+))?$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const dates = last === undefined ? readUnit(Number(year), rest) : readSpan(`${year}${rest}`, last);
  const days = dates?.first.until(dates.end).total('days') ?? 0;
  return days > 0 && days <= mostDays ? dates : undefined;
}

function readUnit(year: number, rest: string): Dates | undefined {
  const unit = (month: number, months: number) => {
    const first = new Temporal.PlainDate(year, month, 1);
    return { first, end: first.add({ months }) };
  };
  if (rest === '') return unit(1, 12);
  const [, quarter] = /^-Q([1-4])$/.exec(rest) ?? [];
  if (quarter !== undefined) return unit(Number(quarter) * 3 - 2, 3);
  const [, month] = /^-(0[1-9]|1[0-2])$/.exec(rest) ?? [];
  return month === undefined ? undefined : unit(Number(month), 1);
}

function readSpan(first: string, last: string): Dates | undefined {
  try {
    const day = /^\d{4}-\d\d-\d\d$/;
    if (!day.test(first) || !day.test(last)) return undefined;
    return { first: Temporal.PlainDate.from(first), end: Temporal.PlainDate.from(last).add({ days: 1 }) };
  } catch {
    return undefined; // no day of any calendar
  }
}

/** The equally long one before: of whole months as many months. */
export function datesBefore({ first, end }: Dates): Dates {
  const isMonths = first.day === 1 && end.day === 1;
  return { first: first.subtract(first.until(end, { largestUnit: isMonths ? 'months' : 'days' })), end: first };
}

/** From when to when these days are in a time zone. */
export function instantsOf({ first, end }: Dates, timeZone: string): Period {
  const begin = (day: Temporal.PlainDate) => day.toZonedDateTime(timeZone).epochMilliseconds;
  return { from: begin(first), to: begin(end) };
}

/** The last whole month, as `readDates` takes it. */
export function monthBefore(now: number, timeZone: string): string {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  return today.subtract({ months: 1 }).toPlainDate().toString().slice(0, 7);
}
