import type { Knex } from 'knex';

/** SQLite takes at most 32,766 values in a statement, and knex writes its rows as at most 500 parts of a SELECT. */
const maxValues = 30_000;
const maxRows = 400;

/** Inserts any number of rows, all with the same columns, in as few statements as the engines allow. */
export async function insertAll(db: Knex, table: string, rows: readonly object[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).length;
  const atOnce = Math.min(maxRows, Math.floor(maxValues / Math.max(1, columns)));
  for (let at = 0; at < rows.length; at += atOnce) await db(table).insert(rows.slice(at, at + atOnce));
}
