import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

type Row = Record<string, unknown>;

/** Statements kept ready for when they are asked for again; longer ones hardly are, and each takes memory. */
const mostKept = 64;
const longestKept = 2000;

/** What all files together keep in memory (bytes): from there on each gives back before it takes more. */
const mostCached = 256 * 1024 * 1024;

/**
 * Pages of a log (WAL), or up to twice as many, that a commit moves into the file, for which all wait some 50 ms: hundreds of files
 * that fill alike would have it done one after the other.
 */
const longLog = 3000;

/** What knex's dialect asks of better-sqlite3, answered by node:sqlite. */
export class Driver {
  readonly #db: DatabaseSync;
  readonly #kept = new Map<string, StatementSync>();

  constructor(file: string, { readonly: readOnly = false }: { readonly?: boolean } = {}) {
    const limited = { defensive: true, allowExtension: false, limits: { attach: 0 } };
    this.#db = new DatabaseSync(file, { timeout: 0, readOnly, ...limited });
    this.exec(`pragma soft_heap_limit = ${mostCached}`);
    if (readOnly) return;
    try {
      // The first has no effect once there is a table, and changing to WAL already writes.
      this.exec('pragma auto_vacuum = incremental');
      this.exec('pragma journal_mode = wal');
      this.exec('pragma synchronous = full');
      this.exec('pragma foreign_keys = on');
      this.exec(`pragma wal_autocheckpoint = ${longLog + Math.floor(Math.random() * longLog)}`);
      this.exec('pragma cache_size = -16000'); // of this one file, KiB
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  prepare(sql: string) {
    const statement = this.#statement(sql);
    return {
      reader: statement.columns().length > 0,
      all: (bindings: SQLInputValue[]) => allOf(statement, bindings),
      run: (bindings: SQLInputValue[]) => statement.run(...bindings),
      safeIntegers() {},
    };
  }

  /** Runs one statement for each row of bindings, without letting anything else happen between. */
  runEach(sql: string, rows: readonly (readonly SQLInputValue[])[]): void {
    const statement = this.#statement(sql);
    for (const row of rows) statement.run(...row);
  }

  get isInTransaction(): boolean {
    return this.#db.isTransaction;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  close(): void {
    this.#db.close();
  }

  #statement(sql: string): StatementSync {
    const kept = this.#kept.get(sql);
    const statement = kept ?? this.#db.prepare(sql);
    if (sql.length > longestKept) return statement;
    this.#kept.delete(sql);
    this.#kept.set(sql, statement);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    return statement;
  }
}

/**
 * All rows as the other engines give them: ordinary objects, blobs as `Buffer`. They are asked for as arrays, of which the
 * objects are made: node:sqlite would look for the name of each value in each row.
 */
function allOf(statement: StatementSync, bindings: readonly SQLInputValue[]): Row[] {
  statement.setReturnArrays(true);
  const rows = statement.all(...bindings) as unknown as SQLOutputValue[][];
  if (rows.length === 0) return [];
  const names = statement.columns().map(({ name }) => name); // after the rows: a change of the schema changes them
  return rows.map((values) => named(names, values));
}

function named(names: readonly string[], values: readonly SQLOutputValue[]): Row {
  const row: Row = {};
  for (let i = 0; i < names.length; i++) {
    const value = values[i];
    const isBlob = value instanceof Uint8Array;
    row[names[i] ?? ''] = isBlob ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
  }
  return row;
}
