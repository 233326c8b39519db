import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { SQLInputValue } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import { DatabaseUnusable } from '../database-unusable.ts';
import { isMysql } from './dialect.ts';
import { Driver } from './sqlite-driver.ts';

/*
 * knex speaks SQLite through its better-sqlite3 dialect, which takes node:sqlite behind a small driver. So no native
 * add-on is compiled. Every database has one connection: SQLite has one writer anyway, and node:sqlite blocks.
 */

/** How long a statement waits in all for another process to let go of the database (ms). */
const busyLimitMs = 10_000;
const SQLITE_BUSY = 5;

/**
 * Opens, and makes if need be, the SQLite database `file`, which its owner alone may read. Every commit is on the disk
 * when it is acknowledged. Blobs come back as `Buffer`. Inside `db.transaction(trx => …)` use `trx` alone: the one
 * connection is taken, and `db` would wait. The first query throws `DatabaseUnusable` if it can't be opened.
 */
export function openSqlite(file: string, { overwritesDeleted = false } = {}): Knex {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return open({ filename: file, overwritesDeleted });
}

/** Opens a SQLite database that is there, for reading alone. */
export function openReadOnly(file: string): Knex {
  return open({ filename: file, options: { readonly: true } });
}

/** Where the database lies; undefined if it is no file. */
export function fileOf(db: Knex): string | undefined {
  return isMysql(db) ? undefined : db.client.connectionSettings.filename;
}

function open(connection: Settings): Knex {
  // The dialect is plain JavaScript, so its class lacks what the types say of knex.Client; it is one nevertheless.
  const client = SqliteClient as unknown as typeof Knex.Client;
  const log = { warn() {} }; // it would print to stdout what is thrown anyway
  return knex({
    client,
    connection: connection as Knex.BetterSqlite3ConnectionConfig,
    useNullAsDefault: true,
    log,
    compileSqlOnError: false,
  });
}

interface Settings extends Knex.BetterSqlite3ConnectionConfig {
  /** Else the bytes of what is deleted stay until others are written there. */
  overwritesDeleted?: boolean;
}

interface Query {
  sql: string;
  /** Bindings for one execution after the other; see `Driver.runEach`. */
  rows?: SQLInputValue[][];
}

interface DialectClient {
  connectionSettings: Settings;
  acquireRawConnection(): Promise<unknown>;
  _query(connection: unknown, query: Query): Promise<unknown>;
}

const Dialect: new (config: Knex.Config) => Knex.Client & DialectClient = createRequire(import.meta.url)(
  'knex/lib/dialects/better-sqlite3/index.js',
);

class SqliteClient extends Dialect {
  _driver(): typeof Driver {
    return Driver;
  }

  /** Another process may be making the database at this moment, or putting it right after a crash. */
  override async acquireRawConnection(): Promise<unknown> {
    const { filename, overwritesDeleted } = this.connectionSettings;
    try {
      makePrivately(filename);
      const connection = await patiently(() => super.acquireRawConnection());
      if (overwritesDeleted && connection instanceof Driver) connection.exec('pragma secure_delete = on');
      return connection;
    } catch (error) {
      throw unusable('open', filename, error);
    }
  }

  override async _query(connection: unknown, query: Query): Promise<unknown> {
    // A transaction that starts as a reader can't always become a writer; ours are begun to write.
    const wanted = query.sql === 'BEGIN;' ? Object.assign(query, { sql: 'BEGIN IMMEDIATE;' }) : query;
    // A full disk has SQLite roll back by itself, and what the caller should hear of is the disk.
    const isDone = /^rollback\b/i.test(query.sql) && connection instanceof Driver && !connection.isInTransaction;
    if (isDone) return Object.assign(query, { response: [] });
    try {
      return await patiently(async () => {
        if (query.rows && connection instanceof Driver) return connection.runEach(query.sql, query.rows);
        return super._query(connection, wanted);
      });
    } catch (error) {
      throw isDatabasesFault(error) ? unusable('work with', this.connectionSettings.filename, error) : error;
    }
  }
}

/** Tries again while the database is busy. SQLite's own time-out would stop the whole process while it waits. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let waited = 0; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || waited >= busyLimitMs) throw error;
      const pause = 5 + Math.random() * 20;
      waited += pause;
      await sleep(pause);
    }
  }
}

/** Of the file, its disk, or another process: the statement is not to blame. */
function isDatabasesFault(error: unknown): boolean {
  return faults.has(resultOf(error) ?? 0);
}

function isBusy(error: unknown): boolean {
  return resultOf(error) === SQLITE_BUSY;
}

/** SQLite's primary result code (sqlite.org/rescode.html), if the error is one of its. */
function resultOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
}

/** SQLITE_BUSY, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB */
const faults = new Set([5, 8, 10, 11, 13, 14, 26]);

const nextSteps = new Map([
  [5, 'end the other program that works with it'],
  [11, 'restore it from a backup'], // SQLITE_CORRUPT
  [13, 'make room on the disk'], // SQLITE_FULL
  [26, 'restore it from a backup'], // SQLITE_NOTADB
]);

function unusable(what: 'open' | 'work with', file: string, error: unknown): DatabaseUnusable {
  const next = nextSteps.get(resultOf(error) ?? 0) ?? 'see that this user may read and write it and its folder';
  const why = error instanceof Error ? error.message : String(error);
  return new DatabaseUnusable(`cannot ${what} the database ${file} (${why}): ${next}`, { cause: error });
}

/** SQLite itself would make the file readable for all; its other files take their mode from this one. */
function makePrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    // It is there. Don't open it to see: closing it would take back the locks of whoever has it open in this process.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
