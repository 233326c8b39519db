import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

type Row = Record<string, unknown>;

/** What knex's dialect asks of better-sqlite3, answered by node:sqlite. */
export class Driver {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = new DatabaseSync(file, { timeout: 0 });
    try {
      // The first has no effect once there is a table, and changing to WAL already writes.
      this.exec('pragma auto_vacuum = incremental');
      this.exec('pragma journal_mode = wal');
      this.exec('pragma synchronous = full');
      this.exec('pragma foreign_keys = on');
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  prepare(sql: string) {
    const statement = this.#db.prepare(sql);
    return {
      reader: statement.columns().length > 0,
      all: (bindings: SQLInputValue[]) => statement.all(...bindings).map(plain),
      run: (bindings: SQLInputValue[]) => statement.run(...bindings),
      safeIntegers() {},
    };
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  close(): void {
    this.#db.close();
  }
}

/** A row as the other engines give it: an ordinary object, blobs as `Buffer`. */
function plain(row: Row): Row {
  const result: Row = {};
  for (const key in row) {
    const value = row[key];
    result[key] = value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
  }
  return result;
}
