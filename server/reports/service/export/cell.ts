import { messages, skipWords } from '../../../console/messages/messages.ts';
import { type ColumnName, columnKinds, type ServiceRow } from '../shapes.ts';

const words = messages.reports;

/** A value as sheets and files have it: numbers are numbers, of the unit that the column's heading names. */
export type Value = string | number | { localDay: Date } | null;

/** The heading of a column, with its unit. */
export function headingOf(name: ColumnName): string {
  const heading = words.columns[name];
  return columnKinds[name] === 'time' ? words.unit(heading, words.seconds) : heading;
}

/** Of the row's time in the customer's zone; times in seconds, shares 0 to 1. */
export function cellValue(name: ColumnName, row: ServiceRow, timeZone: string): Value {
  if (name === 'month' || name === 'day') return { localDay: localDay(row.from, timeZone) };
  const value = row[name];
  switch (columnKinds[name]) {
    case 'transaction':
      return row.transaction ?? words.wholeRuns;
    case 'hours':
      return row.hours === 'business' ? words.businessHours : words.allHours;
    case 'time':
      return typeof value === 'number' ? value / 1e6 : null;
    case 'met':
      return value === null ? null : value ? words.met : words.missed;
    case 'counts':
      return listed(row.codes, (code) => code);
    case 'reasons':
      return listed(row.skippedBy, (reason) => skipWords[reason] ?? reason);
    default:
      return typeof value === 'number' || typeof value === 'string' ? value : null;
  }
}

/** What the clocks of the zone show at midnight, as if they showed UTC: neither sheets nor files know zones. */
function localDay(at: number, timeZone: string): Date {
  const day = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
  return new Date(`${day.toString()}T00:00:00Z`);
}

function listed(counts: Readonly<Record<string, number>>, nameOf: (key: string) => string): string {
  return Object.entries(counts)
    .map(([key, count]) => `${nameOf(key)} ${count}`)
    .join(', ');
}
