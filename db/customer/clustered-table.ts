import type { Knex } from 'knex';

/**
 * Creates a table whose rows lie in the order of its primary key. InnoDB always does so; SQLite has to be told.
 * Reports read thousands of neighbouring rows by that order, and a second copy of the key is spared.
 */
export async function createClusteredTable(
  db: Knex,
  name: string,
  columns: (table: Knex.CreateTableBuilder) => void,
): Promise<void> {
  const [create, ...indexes] = db.schema.createTable(name, columns).toSQL() as unknown as { sql: string }[];
  await db.raw(`${create?.sql}${db.client.dialect === 'sqlite3' ? ' without rowid' : ''}`);
  for (const index of indexes) await db.raw(index.sql);
}
