import { existsSync } from 'node:fs';
import type { Knex } from 'knex';
import { gone } from './database-unusable.ts';
import { type MysqlAddress, openMysql } from './engines/mysql.ts';
import { openSqlite } from './engines/sqlite.ts';
import { type Migration, migrate } from './migrate.ts';

/** Where a database is: a file of SQLite, or a schema of MariaDB or MySQL. */
export type DatabaseAddress = string | MysqlAddress;

export interface Opening {
  /** How many it may have at a time; a file has one. */
  connections?: number;
  /** Of MariaDB and MySQL: see `openMysql`. */
  renew?: () => Promise<MysqlAddress>;
  /** Likewise (ms). */
  silence?: number;
  /** It was there before. Should it be gone, an empty one in its place would lose what comes in from then on. */
  wasThere?: boolean;
  /** Of a file: what is deleted is overwritten. MariaDB and MySQL purge by themselves. */
  overwritesDeleted?: boolean;
}

/**
 * Opens the database and brings its schema to the last of `steps`, unless that is known to be so. Throws as `openSqlite`,
 * `openMysql` and `migrate`, and `DatabaseUnusable` if it is gone.
 */
export async function openDatabase(
  at: DatabaseAddress,
  steps: readonly Migration[] | 'up to date',
  { overwritesDeleted = false, wasThere = false, ...opening }: Opening = {},
): Promise<Knex> {
  if (wasThere && typeof at === 'string' && !existsSync(at)) throw gone(`the database ${at} is not there`);
  const db = typeof at === 'string' ? openSqlite(at, { overwritesDeleted }) : openMysql(at, opening);
  try {
    if (steps !== 'up to date') await migrate(db, steps, wasThere);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
