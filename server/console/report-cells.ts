import type { ColumnName, ServiceReport, ServiceRow, ServiceTable } from './api/types.ts';
import { count, duration, share } from './format.ts';
import { messages, skipWords } from './messages/messages.ts';

const words = messages.reports;

/** Told in the cell of another column: the verdict with what was agreed on, the whole with its part. */
const toldElsewhere: readonly ColumnName[] = [
  'availabilityTarget',
  'availabilityMet',
  'p95TargetUs',
  'p95Met',
  'failuresAllowed',
  'targets',
];
/** Worth a column only where some row has one. */
const mayBeEmpty: readonly ColumnName[] = ['budgetLeft', 'targetsMet', 'codes', 'skippedBy', 'p95BeforeUs'];

/** The columns that a page shows of a table; files have them all. */
export function shownColumns({ columns, rows }: ServiceTable, report: ServiceReport): ColumnName[] {
  return columns
    .map(({ name }) => name)
    .filter((name) => !toldElsewhere.includes(name))
    .filter((name) => !mayBeEmpty.includes(name) || rows.some((row) => hasOne(name, row)))
    .filter((name) => name !== 'hours' || rows.some(({ hours }) => hours !== report.hours));
}

function hasOne(name: ColumnName, row: ServiceRow): boolean {
  if (name === 'targetsMet') return (row.targets ?? 0) > 0;
  if (name === 'codes' || name === 'skippedBy') return Object.keys(row[name]).length > 0;
  if (name === 'budgetLeft') return row.availabilityTarget !== null;
  return name !== 'month' && name !== 'day' && row[name] !== null;
}

/** `73.11 %`; `−29 %` or `−240 %` for a budget that was overdrawn. */
export function budget(left: number): string {
  return left < 0 ? `−${count(Math.max(1, Math.round(-left * 100)))} %` : share(left);
}

/** Of a cell whose text is all it has; figures with a mark or a bar are drawn elsewhere. */
export function cellText(name: ColumnName, row: ServiceRow, monthOf: (at: number) => string): string {
  switch (name) {
    case 'month':
    case 'day':
      return monthOf(row.from);
    case 'transaction':
      return row.transaction ?? words.wholeRuns;
    case 'hours':
      return row.hours === 'business' ? words.businessHours : words.allHours;
    case 'codes':
      return listed(row.codes, (code) => code);
    case 'skippedBy':
      return listed(row.skippedBy, (reason) => skipWords[reason] ?? reason);
    case 'availability':
    case 'coverage':
      return share(row[name]);
    case 'p50Us':
    case 'p95Us':
      return duration(row[name]);
    default: {
      const value = row[name];
      return typeof value === 'number' ? count(value) : typeof value === 'string' ? value : '';
    }
  }
}

function listed(counts: Readonly<Record<string, number>>, nameOf: (key: string) => string): string {
  return Object.entries(counts)
    .map(([key, n]) => `${nameOf(key)} ${count(n)}`)
    .join(', ');
}
