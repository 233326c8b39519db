import type { Knex } from 'knex';
import { openMysql } from '../engines/mysql.ts';
import { openSqlite } from '../engines/sqlite.ts';
import type { DatabaseAddress } from '../open-database.ts';

/**
 * Lends `work` a connection of its own on which the database stays as it is now, whatever others write meanwhile; it holds
 * nobody up. Throws as `openSqlite` and `openMysql`.
 */
export async function withSnapshot<T>(at: DatabaseAddress, work: (db: Knex) => Promise<T>): Promise<T> {
  const db = typeof at === 'string' ? openSqlite(at) : openMysql(at);
  try {
    if (typeof at !== 'string') {
      return await db.transaction(work, { isolationLevel: 'repeatable read' });
    }
    await db.raw('begin'); // not `db.transaction`, which begins as a writer
    return await work(db);
  } finally {
    await db.destroy();
  }
}
