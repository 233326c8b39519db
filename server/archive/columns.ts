/** How a column lies in the Parquet files, as SQL of DuckDB over what was read. */
export interface Column {
  name: string;
  /** As it is read from the database, where that is a column of the same name; else it is made of others. */
  from?: 'number' | 'text' | 'bytes';
  /** SQL of DuckDB; left out: as it is. */
  as?: string;
  type: 'integer' | 'bigint' | 'varchar';
}

const instant = (name: string): Column => ({ name, from: 'number', type: 'bigint', as: `make_timestamp_ms(${name})` });
const number = (name: string): Column => ({ name, from: 'number', type: 'bigint' });
const small = (name: string): Column => ({ name, from: 'number', type: 'integer' });
const text = (name: string): Column => ({ name, from: 'text', type: 'varchar' });
const uuid = (name: string): Column => ({ name, from: 'bytes', type: 'varchar', as: `cast(${name} as uuid)` });
const outcome = [text('outcome'), text('error_code'), text('error_message'), text('error_location'), text('reason')];

/** Of `runs.parquet`, as far as they lie in the table of runs, under the same names. */
export const runColumns: readonly Column[] = [
  ...[uuid('id'), instant('due_at'), instant('started_at'), instant('sentinel_started_at'), instant('received_at')],
  ...[number('clock_offset_ms'), number('duration_us'), ...outcome, text('script_sha256'), small('script_version')],
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
  ...[uuid('run_id'), small('position'), text('kind'), text('sent_sha256'), text('stored_sha256'), text('media_type')],
  ...[number('bytes'), small('width'), small('height')],
];

/** SQL of both engines that makes one line of CSV of the columns of a table: a text is quoted, null is nothing. */
export function lineOf(table: string, columns: readonly Column[]): string {
  return `concat_ws(',', ${columns.map((column) => cell(`${table}.${column.name}`, column)).join(', ')})`;
}

function cell(name: string, { from }: Column): string {
  if (from === 'bytes') return `coalesce(hex(${name}), '')`;
  if (from === 'number') return `coalesce(${name}, '')`;
  return `case when ${name} is null then '' else concat('"', replace(${name}, '"', '""'), '"') end`;
}

/** The same of values at hand; bytes are hexadecimal already. */
export function lineOfValues(values: Record<string, unknown>, columns: readonly Column[]): string {
  return columns
    .map(({ name, from }) => {
      const value = values[name] ?? null;
      if (value === null) return '';
      return from === 'text' ? `"${String(value).replaceAll('"', '""')}"` : String(value);
    })
    .join(',');
}
