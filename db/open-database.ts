import type { Knex } from 'knex';
import { openSqlite } from './engines/sqlite.ts';
import { type Migration, migrate } from './migrate.ts';

/** Opens the database `file` and brings its schema to the last of `steps`. Throws as `openSqlite` and `migrate`. */
export async function openDatabase(file: string, steps: readonly Migration[]): Promise<Knex> {
  const db = openSqlite(file);
  try {
    await migrate(db, steps);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
