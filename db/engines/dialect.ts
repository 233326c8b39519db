import type { Knex } from 'knex';
import { DatabaseUnusable } from '../database-unusable.ts';
import { isConflict } from './mysql-errors.ts';

/* What statements have to know of the engine beneath, beside what knex writes for each. */

/** Whether it is MariaDB or MySQL; else it is SQLite. */
export function isMysql(db: Knex): boolean {
  return db.client.dialect === 'mysql';
}

/**
 * Empties the log of a file, which holds pages as they were before something was deleted, as far as nobody else reads
 * it now; whoever does empties it later.
 */
export async function emptyLog(db: Knex): Promise<void> {
  if (!isMysql(db)) await db.raw('pragma wal_checkpoint(truncate)');
}

/** Whether a transaction has the database to itself, or shares it with others that say so too. */
export type Place = 'alone' | 'beside others';

/**
 * Has the transaction wait until no other one of this database writes, as every transaction of SQLite does: what it reads
 * from here on stays so until it commits, and two of them are never in each other's way. `beside others` are only those
 * that say so too, on MariaDB and MySQL: what it reads stays so but for what they write.
 */
export async function standInLine(trx: Knex, place: Place): Promise<void> {
  const lock = place === 'alone' ? 'for update' : 'lock in share mode';
  if (isMysql(trx)) await trx.raw(`select position from schema_steps where position = 1 ${lock}`);
}

/** How long to wait for those who work with a table that is to be changed (s); MariaDB waits twice for some of it. */
const patienceSeconds = 2;

/**
 * Has `work` change tables of MariaDB or MySQL, on the one connection of `trx`, that others work with meanwhile. A change that
 * waits for who reads a table has all others stand in line behind it, so it gives up after seconds: an export reads for
 * minutes. Throws `DatabaseUnusable` then; what of the work was done stays so.
 */
export async function changeTables<T>(trx: Knex, work: () => Promise<T>): Promise<T> {
  await trx.raw(`set session lock_wait_timeout = ${patienceSeconds}`);
  try {
    return await work();
  } catch (error) {
    if (!isConflict(error)) throw error;
    const next = 'it is tried again later; see whether an export or a backup goes on there';
    throw new DatabaseUnusable(`a table could not be changed, since somebody else works with it for long: ${next}`, {
      cause: error,
    });
  } finally {
    await trx.raw('set session lock_wait_timeout = default');
  }
}

/** SQL after rows that are inserted into `table`: one that is there already by its `key` has `column` raised by one instead. */
export function countUp(db: Knex, table: string, key: readonly string[], column: string): string {
  const when = isMysql(db) ? 'on duplicate key update' : `on conflict (${key}) do update set`;
  return `${when} ${column} = ${table}.${column} + 1`;
}

/** How long a text may be that is joined of many rows (bytes): what one packet holds everywhere, with room to spare. */
export const mostJoined = 8 * 1024 * 1024;

/**
 * SQL that joins a text of each row to bytes of UTF-8, in the order in which the engine comes upon them; from `mostJoined` on
 * MariaDB and MySQL cut it off.
 */
export function joinedRows(db: Knex, text: string, between: '\\n' | ''): string {
  if (isMysql(db)) return `cast(group_concat(${text} separator '${between}') as binary)`;
  return `cast(group_concat(${text}, ${between === '' ? "''" : 'char(10)'}) as blob)`;
}

/** How long (bytes) such a text can be here, as the connection and the server are set, to be handed over whole. */
export async function joinedAtMost(db: Knex): Promise<number> {
  if (!isMysql(db)) return Number.POSITIVE_INFINITY;
  // Of a packet some is the server's own.
  const [[most]] = await db.raw('select least(@@max_allowed_packet - 1024, @@group_concat_max_len) as bytes');
  return most.bytes;
}

/** SQL that reads a table, called `name` from there on, by an index and so in its order. */
export function readByIndex(db: Knex, table: string, name: string, index: string): Knex.Raw {
  return db.raw(`?? as ?? ${isMysql(db) ? 'force index (??)' : 'indexed by ??'}`, [table, name, index]);
}

/** Pages that a file gives back at a time: some milliseconds. */
const pagesAtOnce = 500;

/** Gives back to the file system some of what was deleted; MariaDB and MySQL keep it for what comes. */
export async function giveBackPages(db: Knex): Promise<void> {
  if (!isMysql(db)) await db.raw(`pragma incremental_vacuum(${pagesAtOnce})`);
}
