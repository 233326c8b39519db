import type { Knex } from 'knex';
import { insertAll } from '../customer/insert-all.ts';
import { isMysql } from '../engines/dialect.ts';
import type { Table } from './tables.ts';

/** Rows in memory at a time; one can hold a bundle of hundreds of kB. */
const atOnce = 400;

/** Copies all rows of a table to the same table of another database, where there must be none of them. */
export async function copyRows(from: Knex, to: Knex, table: Table): Promise<void> {
  for await (const rows of pagesOf(from, table)) await insertAll(to, table.name, rows);
}

/** All rows of a table in the order of its key, some at a time. */
export async function* pagesOf<Row extends object>(db: Knex, { name, key }: Table): AsyncGenerator<Row[]> {
  for (let last: Row | undefined; ; ) {
    const query = db(name)
      .orderBy([...key])
      .limit(atOnce);
    const rows: Row[] = await (last ? query.where(isAfter(db, key, last)) : query);
    if (rows.length > 0) yield rows;
    if (rows.length < atOnce) return;
    last = rows.at(-1);
  }
}

/** Each engine goes by its index in one of the two forms alone. */
function isAfter(db: Knex, key: readonly string[], last: object): Knex.QueryCallback {
  const values = key.map((column) => (last as Record<string, Knex.Value>)[column] ?? null);
  if (!isMysql(db)) {
    const row = (mark: string) => `(${key.map(() => mark).join(', ')})`;
    return (where) => where.whereRaw(`${row('??')} > ${row('?')}`, [...key, ...values]);
  }
  return (where) => {
    for (const [place, column] of key.entries()) {
      where.orWhere((all) => {
        for (const [at, before] of key.slice(0, place).entries()) all.where(before, values[at] ?? null);
        all.where(column, '>', values[place] ?? null);
      });
    }
  };
}
