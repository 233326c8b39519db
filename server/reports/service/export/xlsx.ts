import type { Cell, Row, Sheet } from 'write-excel-file/node';
import { messages } from '../../../console/messages/messages.ts';
import { type ColumnName, columnKinds, type ServiceReport, type ServiceTable } from '../shapes.ts';
import { cellValue, headingOf, type Value } from './cell.ts';
import type { Made } from './exporter.ts';

const words = messages.reports;
const formats: Partial<Record<(typeof columnKinds)[ColumnName], string>> = {
  month: 'mmm yyyy',
  day: 'yyyy-mm-dd',
  count: '#,##0',
  share: '0.00%',
  time: '0.000',
};
const wide: Partial<Record<ColumnName, number>> = {
  monitor: 32,
  transaction: 28,
  location: 28,
  codes: 40,
  skippedBy: 40,
};

/** A sheet that says what the report is, and one for the tables of each kind. */
export async function xlsxOf(made: Made): Promise<Buffer> {
  const kinds = Map.groupBy(made.report.tables, ({ name }) => name);
  const sheets = [...kinds.values()].flatMap((tables) => sheetOf(tables, made.report));
  const { default: writeExcelFile } = await import('write-excel-file/node');
  return writeExcelFile([aboutSheet(made), ...sheets]).toBuffer();
}

function sheetOf(tables: readonly ServiceTable[], { timeZone }: ServiceReport): Sheet<Buffer>[] {
  const [first] = tables;
  if (!first) return [];
  const own = first.columns.map(({ name }) => name);
  // Of several tables each row says of what it is.
  const of: ColumnName[] = first.of === null ? [] : [first.rows[0]?.location == null ? 'monitor' : 'location'];
  const columns = [...of, ...own];
  const head = columns.map(
    (name) => ({ value: headingOf(name), fontWeight: 'bold', wrap: true, alignVertical: 'top' }) as const,
  );
  const rows = tables.flatMap((table) =>
    table.rows.map((row) => columns.map((name) => cellOf(name, cellValue(name, row, timeZone)))),
  );
  return [
    {
      sheet: words.tables[first.name],
      columns: columns.map((name) => ({ width: wide[name] ?? 14 })),
      stickyRowsCount: 1,
      data: [head, ...rows],
    },
  ];
}

function cellOf(name: ColumnName, value: Value): Cell {
  if (value === null || value === '') return null;
  const format = formats[columnKinds[name]];
  if (typeof value === 'string') return { type: String, value };
  if (typeof value === 'number') return { type: Number, value, ...(format && { format }) };
  return { type: Date, value: value.localDay, format: format ?? 'yyyy-mm-dd' };
}

function aboutSheet({ report, generatedAt }: Made): Sheet<Buffer> {
  const { head } = words;
  const { period, until, timeZone, hours, maintenance, whole } = report;
  const days = (at: number) => ({ type: Date, value: wallClock(at, timeZone), format: 'yyyy-mm-dd hh:mm' }) as const;
  const share = (value: number | null): Cell => cellOf('availability', value);
  const facts: [string, Cell][] = [
    [head.customer, { type: String, value: report.customer }],
    [words.csv.from, days(period.from)],
    [words.csv.to, days(period.to)],
    [head.countedUntil, days(until)],
    [head.timeZone, timeZone],
    [head.hours, hours === 'all' ? words.allHours : head.businessHours(report.businessHours)],
    [head.maintenance, maintenance === 'excluded' ? head.maintenanceLeftOut : head.maintenanceCounted],
    [head.madeAt, days(generatedAt)],
    [words.figures.availability, share(whole.availability)],
    [words.figures.coverage, share(whole.coverage)],
    [
      head.monitors,
      {
        type: String,
        value: report.monitors
          .filter(({ chosen }) => chosen)
          .map(({ name }) => name)
          .join(', '),
        wrap: true,
      },
    ],
    [head.rule, { type: String, value: report.rule, wrap: true }],
  ];
  const title: Row = [{ value: words.templates[report.template].name, fontWeight: 'bold', fontSize: 16 }];
  const rows = facts.map(([name, cell]): Row => [{ value: name, alignVertical: 'top', fontWeight: 'bold' }, cell]);
  return { sheet: words.title, columns: [{ width: 24 }, { width: 90 }], data: [title, ...rows] };
}

/** What the clocks of the zone show, as if they showed UTC: sheets know no zones. */
function wallClock(at: number, timeZone: string): Date {
  const shown = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return new Date(`${shown.toString({ smallestUnit: 'second' })}Z`);
}
