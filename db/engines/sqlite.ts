import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import knex, { type Knex } from 'knex';

/*
 * knex speaks SQLite through its better-sqlite3 dialect, which takes node:sqlite behind the small driver below. So no
 * native add-on is compiled. Every database has one connection: SQLite has one writer anyway, and node:sqlite blocks.
 */

/** How long a statement waits in all for another process to let go of the database (ms). */
const busyLimitMs = 10_000;
const SQLITE_BUSY = 5;

/**
 * Opens, and makes if need be, the SQLite database `file`. Every commit is on the disk when it is acknowledged. Blobs
 * come back as `Buffer`. Inside `db.transaction(trx => …)` use `trx` alone: the one connection is taken, and `db` would wait.
 */
export function openSqlite(file: string): Knex {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // The dialect is plain JavaScript, so its class lacks what the types say of knex.Client; it is one nevertheless.
  const client = SqliteClient as unknown as typeof Knex.Client;
  return knex({ client, connection: { filename: file }, useNullAsDefault: true });
}

interface Query {
  sql: string;
}

interface DialectClient {
  _query(connection: unknown, query: Query): Promise<unknown>;
}

const Dialect: new (config: Knex.Config) => Knex.Client & DialectClient = createRequire(import.meta.url)(
  'knex/lib/dialects/better-sqlite3/index.js',
);

class SqliteClient extends Dialect {
  _driver(): typeof Driver {
    return Driver;
  }

  override async _query(connection: unknown, query: Query): Promise<unknown> {
    // A transaction that starts as a reader can't always become a writer; ours are begun to write.
    const wanted = query.sql === 'BEGIN;' ? Object.assign(query, { sql: 'BEGIN IMMEDIATE;' }) : query;
    // SQLite's own time-out would stop the whole process while it waits, so we wait here, between attempts.
    for (let waited = 0; ; ) {
      try {
        return await super._query(connection, wanted);
      } catch (error) {
        if (!isBusy(error) || waited >= busyLimitMs) throw error;
        const pause = 5 + Math.random() * 20;
        waited += pause;
        await sleep(pause);
      }
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

type Row = Record<string, unknown>;

/** What knex's dialect asks of better-sqlite3, answered by node:sqlite. */
class Driver {
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
