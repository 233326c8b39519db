import type { Knex } from 'knex';
import { insertRows, type Value } from '../engines/insert-rows.ts';

/** Inserts any number of rows, all with the same columns, past the query builder: it would take longer than the database. */
export async function insertAll<Row extends object>(db: Knex, table: string, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first) as (keyof Row & string)[];
  // What a row holds is what columns hold.
  const values = rows.map((row) => columns.map((column) => row[column] as Value));
  await insertRows(db, table, columns, values);
}
