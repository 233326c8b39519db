/** How a column lies in the Parquet files, as SQL of DuckDB over what was read. */
export interface Column {
  name: string;
  /**
   * As it is read from the database, where that is a column of the same name; else it is made of others. A word is always
   * there and needs no quotes.
   */
  from?: 'number' | 'text' | 'word' | 'bytes';
  /** SQL of DuckDB; left out: as it is. */
  as?: string;
  type: 'integer' | 'bigint' | 'varchar';
}

const instant = (name: string): Column => ({ name, from: 'number', type: 'bigint', as: `make_timestamp_ms(${name})` });
const number = (name: string): Column => ({ name, from: 'number', type: 'bigint' });
const small = (name: string): Column => ({ name, from: 'number', type: 'integer' });
const text = (name: string): Column => ({ name, from: 'text', type: 'varchar' });
const uuid = (name: string): Column => ({ name, from: 'bytes', type: 'varchar', as: `cast(${name} as uuid)` });
const word = (name: string): Column => ({ name, from: 'word', type: 'varchar' });
const outcome = [word('outcome'), text('error_code'), text('error_message'), text('error_location'), text('reason')];

/** Of `runs.parquet`, as far as they lie in the table of runs, under the same names. */
export const runColumns: readonly Column[] = [
  ...[uuid('id'), instant('due_at'), instant('started_at'), instant('sentinel_started_at'), instant('received_at')],
  ...[number('clock_offset_ms'), number('duration_us'), ...outcome, word('script_sha256'), small('script_version')],
  ...[text('evidence_missing'), small('sandbox_level'), text('browser'), uuid('retry_of'), uuid('retried_by')],
  small('counts'),
];

/** Of `results.parquet`. */
export const resultColumns: readonly Column[] = [
  ...[small('position'), instant('started_at'), number('start_us'), number('duration_us'), number('response_us')],
  ...outcome,
];

/** Of `evidence.parquet`. */
export const evidenceColumns: readonly Column[] = [
  ...[uuid('run_id'), small('position'), word('kind'), word('sent_sha256'), text('stored_sha256'), text('media_type')],
  ...[number('bytes'), small('width'), small('height')],
];

const areSeldom = (name: string) => name.startsWith('error_') || name === 'reason';

/** Columns as they follow each other in a line: those that seldom hold anything last. */
export function inLine(columns: readonly Column[]): Column[] {
  return [...columns.filter(({ name }) => !areSeldom(name)), ...columns.filter(({ name }) => areSeldom(name))];
}

/** SQL of both engines that makes one line of CSV: `first`, then the columns of a table. A text is quoted, null is nothing. */
export function lineOf(first: readonly (string | number)[], table: string, columns: readonly Column[]): string {
  const names = inLine(columns);
  const cells = names.filter(({ name }) => !areSeldom(name)).map((column) => cell(table, column));
  const seldom = names.filter(({ name }) => areSeldom(name));
  return `concat_ws(',', ${[...first, ...cells, ...cellsTogether(table, seldom)].join(', ')})`;
}

/** One look for all of them spares the database most of its work. */
function cellsTogether(table: string, columns: readonly Column[]): string[] {
  if (columns.length === 0) return [];
  const areNull = columns.map(({ name }) => `${table}.${name} is null`).join(' and ');
  const cells = columns.map((column) => cell(table, column)).join(', ');
  return [`case when ${areNull} then '${','.repeat(columns.length - 1)}' else concat_ws(',', ${cells}) end`];
}

export function cell(table: string, { name, from }: Pick<Column, 'name' | 'from'>): string {
  const value = `${table}.${name}`;
  if (from === 'bytes') return `coalesce(hex(${value}), '')`;
  if (from === 'number') return `coalesce(${value}, '')`;
  if (from === 'word') return value;
  return `case when ${value} is null then '' else concat('"', replace(${value}, '"', '""'), '"') end`;
}

/** The same of values at hand; bytes are hexadecimal already. */
export function lineOfValues(
  values: Record<string, unknown>,
  columns: readonly Pick<Column, 'name' | 'from'>[],
): string {
  return columns
    .map(({ name, from }) => {
      const value = values[name] ?? null;
      if (value === null) return '';
      return from === 'text' ? `"${String(value).replaceAll('"', '""')}"` : String(value);
    })
    .join(',');
}
