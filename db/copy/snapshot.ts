import type { Knex } from 'knex';
import { longSilence, openMysql } from '../engines/mysql.ts';
import { openSqlite } from '../engines/sqlite.ts';
import type { DatabaseAddress } from '../open-database.ts';
import type { Table } from './tables.ts';

/**
 * Lends `work` a connection of its own on which these tables stay as they are now, whatever others write meanwhile. It holds
 * up nobody but who changes the tables themselves: see `changeTables`. So it is for reading rows and for nothing that takes
 * long beside. Throws as `openSqlite` and `openMysql`.
 */
export async function withSnapshot<T>(
  at: DatabaseAddress,
  tables: readonly Pick<Table, 'name'>[],
  work: (db: Knex) => Promise<T>,
): Promise<T> {
  // With the first row that is read it begins, and MariaDB lets nobody change a table that was read.
  const begun = async (db: Knex) => {
    for (const { name } of tables) await db(name).first(db.raw('1'));
    return work(db);
  };
  const db = typeof at === 'string' ? openSqlite(at) : openMysql(at, { silence: longSilence });
  try {
    if (typeof at !== 'string') {
      return await db.transaction(begun, { isolationLevel: 'repeatable read' });
    }
    await db.raw('begin'); // not `db.transaction`, which begins as a writer
    return await begun(db);
  } finally {
    await db.destroy();
  }
}
