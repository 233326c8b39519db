/* Periods of a calendar as text: `2026-10`, `2026-Q4`, `2026`, and days as `2026-10-05..2026-10-20`, both included. */

export type Unit = 'month' | 'quarter' | 'year' | 'days';

/** `2026-11-22`, as the clocks of the zone show it. */
export function today(zone: string, now: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(now);
}

/** Whether a text is a period at all; whether there is such a day, the server says. */
export function isPeriod(text: string): boolean {
  if (!/^\d{4}(-\d\d|-Q[1-4]|-\d\d-\d\d\.\.\d{4}-\d\d-\d\d)?$/.test(text)) return false;
  const { first, last } = daysOf(text);
  return Date.parse(first) <= Date.parse(last);
}

export function unitOf(period: string): Unit {
  if (period.includes('..')) return 'days';
  if (period.includes('Q')) return 'quarter';
  return period.length === 4 ? 'year' : 'month';
}

/** The month, quarter or year in which a day lies. */
export function around(day: string, unit: Exclude<Unit, 'days'>): string {
  const [year = '', month = ''] = day.split('-');
  if (unit === 'year') return year;
  return unit === 'quarter' ? `${year}-Q${Math.ceil(Number(month) / 3)}` : `${year}-${month}`;
}

/** The first and the last day of a period. */
export function daysOf(period: string): { first: string; last: string } {
  const [first = '', last = ''] = period.split('..');
  if (last !== '') return { first, last };
  const { year, month, months } = spanOf(period);
  return { first: dayText(year, month, 1), last: dayText(year, month + months, 0) };
}

/** The period so many periods later; days move by their number. */
export function moved(period: string, by: number): string {
  if (unitOf(period) === 'days') {
    const { first, last } = daysOf(period);
    const dayMs = 86_400_000;
    const length = (Date.parse(last) - Date.parse(first)) / dayMs + 1;
    const move = (day: string) => new Date(Date.parse(day) + by * length * dayMs).toISOString().slice(0, 10);
    return `${move(first)}..${move(last)}`;
  }
  const { year, month, months } = spanOf(period);
  return around(dayText(year, month + by * months, 1), unitOf(period) as Exclude<Unit, 'days'>);
}

/** `October 2026`, `October to December 2026`, `2026`, `5 to 20 October 2026`. */
export function periodName(period: string): string {
  const { first, last } = daysOf(period);
  const told = (day: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(Date.parse(day));
  switch (unitOf(period)) {
    case 'year':
      return period;
    case 'month':
      return told(first, { month: 'long', year: 'numeric' });
    case 'quarter':
      return `${told(first, { month: 'long' })} to ${told(last, { month: 'long', year: 'numeric' })}`;
    case 'days': {
      const whole = { day: 'numeric', month: 'long', year: 'numeric' } as const;
      if (first === last) return told(first, whole);
      if (first.slice(0, 7) === last.slice(0, 7)) return `${told(first, { day: 'numeric' })} to ${told(last, whole)}`;
      return `${told(first, whole)} to ${told(last, whole)}`;
    }
  }
}

/** Months from 1. */
function spanOf(period: string): { year: number; month: number; months: number } {
  const year = Number(period.slice(0, 4));
  const rest = period.slice(5);
  if (rest === '') return { year, month: 1, months: 12 };
  if (rest.startsWith('Q')) return { year, month: Number(rest[1]) * 3 - 2, months: 3 };
  return { year, month: Number(rest), months: 1 };
}

function dayText(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
