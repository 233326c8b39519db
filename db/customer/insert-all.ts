import type { Knex } from 'knex';
import { insertRows, type Values } from '../engines/insert-rows.ts';

/**
 * Inserts any number of rows, all with the same columns, past the query builder: it would take longer than the database.
 * `instead` as in `insertRows`.
 */
export async function insertAll<Row extends object>(
  db: Knex,
  table: string,
  rows: readonly Row[],
  instead?: string,
): Promise<void> {
  const [first] = rows;
  // What a row holds is what columns hold.
  if (first) await insertRows(db, table, Object.keys(first), rows as readonly (Row & Values)[], instead);
}
