import type { Knex } from 'knex';

/** A table as both engines have it. */
export interface Table {
  name: string;
  columns: readonly Column[];
  /** Names of the columns of the primary key, in its order. */
  key: readonly string[];
}

export interface Column {
  name: string;
  kind: 'integer' | 'bytes';
}

interface ColumnRow {
  name: string;
  type: string;
  /** Place in the primary key from 1, or 0. */
  pk: number;
}

/**
 * The tables of an SQLite database, those that others refer to before those that do; without the record of its schema's
 * steps, which belongs to the database and not to what it holds.
 */
export async function tablesOf(sqlite: Knex): Promise<Table[]> {
  const names: string[] = await sqlite('sqlite_master')
    .where({ type: 'table' })
    .whereNot('name', 'like', 'sqlite_%')
    .whereNot({ name: 'schema_steps' })
    .pluck('name');
  const referred = new Map<string, string[]>();
  for (const name of names) {
    const keys: { table: string }[] = await sqlite.raw(`pragma foreign_key_list(${name})`);
    referred.set(
      name,
      keys.map(({ table }) => table),
    );
  }
  return Promise.all(inOrder(referred).map((name) => tableOf(sqlite, name)));
}

async function tableOf(sqlite: Knex, name: string): Promise<Table> {
  const rows: ColumnRow[] = await sqlite.raw(`pragma table_info(${name})`);
  return {
    name,
    columns: rows.map((row) => ({ name: row.name, kind: /int/i.test(row.type) ? 'integer' : 'bytes' })),
    key: rows
      .filter(({ pk }) => pk > 0)
      .toSorted((a, b) => a.pk - b.pk)
      .map((row) => row.name),
  };
}

/** Names so that each comes after all it refers to. */
function inOrder(referred: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const add = (name: string) => {
    for (const other of referred.get(name) ?? []) if (other !== name && !done.has(other)) add(other);
    done.add(name);
  };
  for (const name of referred.keys()) add(name);
  return [...done];
}
