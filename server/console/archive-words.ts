/* Months of the archive are months of UTC, wherever somebody looks from. */

const month = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** `January 2025` for `2025-01`. */
export function utcMonth(name: string): string {
  return month.format(Date.parse(`${name}-01T00:00:00Z`));
}

/** `1 July 2026` */
export function utcDay(at: number): string {
  return day.format(at);
}
