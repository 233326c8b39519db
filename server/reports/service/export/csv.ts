import { messages } from '../../../console/messages/messages.ts';
import { type ColumnName, columnKinds, type ServiceReport } from '../shapes.ts';
import { cellValue, headingOf, type Value } from './cell.ts';

const words = messages.reports;

/** All tables as one of RFC 4180: each row says of which table and of what time it is, in the customer's own time. */
export function csvOf({ tables, timeZone }: ServiceReport): string {
  const used = new Set<ColumnName>(tables.flatMap(({ columns }) => columns.map(({ name }) => name)));
  const columns = (Object.keys(columnKinds) as ColumnName[]).filter(
    (name) => isIdentity(name) || (used.has(name) && name !== 'month' && name !== 'day'),
  );
  const instant = (at: number) =>
    Temporal.Instant.fromEpochMilliseconds(at)
      .toZonedDateTimeISO(timeZone)
      .toString({ timeZoneName: 'never', smallestUnit: 'minute' });
  const rows = tables.flatMap((table) => {
    const shown = new Set(table.columns.map(({ name }) => name));
    return table.rows.map((row) => [
      ...[words.tables[table.name], instant(row.from), instant(row.to)],
      ...columns.map((name) => (isIdentity(name) || shown.has(name) ? cellValue(name, row, timeZone) : null)),
    ]);
  });
  const head = [words.csv.table, words.csv.from, words.csv.to, ...columns.map(headingOf)];
  return [head, ...rows].map((row) => `${row.map(fieldOf).join(',')}\r\n`).join('');
}

/** What a row is of is said in each. */
function isIdentity(name: ColumnName): boolean {
  return name === 'monitor' || name === 'location';
}

function fieldOf(value: Value): string {
  if (value === null || typeof value === 'object') return '';
  if (typeof value === 'number') return String(value);
  return quoted(harmless(value));
}

/**
 * Spreadsheets take text that begins so for a formula, and a name is what anybody called it. Where they part cells by
 * semicolons, tabs or lines whatever the quotes say, what follows one begins a cell too.
 */
function harmless(text: string): string {
  return text.replaceAll(/^(?=[\t\r\n])|(?<=^|[;\t\r\n])(?=["\s]*[=+\-@＝＋－＠])/g, "'");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
