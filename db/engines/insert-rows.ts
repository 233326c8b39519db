import type { Knex } from 'knex';
import { isMysql } from './dialect.ts';
import { mysql2 } from './mysql2.ts';

export type Value = string | number | Uint8Array | null;

/** Rows in one statement of MariaDB or MySQL, and letters of it: more are hardly quicker. */
const [atOnce, heavy] = [1000, 1024 * 1024]; // a statement may have 16 MiB, in which a letter can take 4 bytes

/**
 * Inserts rows by the way that is quickest on the engine: one statement for many, or with SQLite, to which there is no
 * way, a short one again and again. They go in in any order. What is null is left out, so a column that may be null must be
 * null by default.
 */
export async function insertRows(
  db: Knex,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const { client } = db;
  const quoted = (name: string): string => client.wrapIdentifier(name, undefined);
  const connection: unknown = await client.acquireConnection();
  try {
    for (const [there, alike] of byColumns(rows)) {
      const into = `insert into ${quoted(table)} (${there.map((at) => quoted(columns[at] ?? ''))}) values`;
      const given = (row: readonly Value[]) => there.map((at) => row[at] ?? null);
      if (!isMysql(db))
        await client._query(connection, { sql: `${into} (${there.map(() => '?')})`, rows: alike.map(given) });
      // Without bindings, not with none: it would be looked through for places to put them.
      else
        for (const some of portions(alike.map((row) => tuple(row, there))))
          await client._query(connection, { sql: `${into} ${some}`, bindings: null });
    }
  } finally {
    await client.releaseConnection(connection);
  }
}

/** Of fewer rows that lack the same columns a statement by itself would cost more than it saves. */
const few = 20;

/**
 * The places in a row that are given, and rows that have nothing at the others: of a run or a result that went well that
 * is half. What only a few rows lack is spelt out.
 */
function* byColumns(rows: readonly (readonly Value[])[]): Generator<[number[], (readonly Value[])[]]> {
  const rest: (readonly Value[])[] = [];
  for (const alike of Map.groupBy(rows, shapeOf).values()) {
    const [first = []] = alike;
    if (alike.length < few) rest.push(...alike);
    else yield [placesOf(first).filter((at) => first[at] !== null), alike];
  }
  const [first] = rest;
  if (first) yield [placesOf(first), rest];
}

function shapeOf(row: readonly Value[]): string {
  let shape = '';
  for (const value of row) shape += value === null ? '0' : '1';
  return shape;
}

function placesOf(row: readonly Value[]): number[] {
  return [...row.keys()];
}

function tuple(row: readonly Value[], there: readonly number[]): string {
  let text = '(';
  for (const at of there) text += text === '(' ? literal(row[at]) : `,${literal(row[at])}`;
  return `${text})`;
}

/** Texts of which nobody need look at each letter: ids, hashes, names, codes. */
const plain = /^[\w .:,;@/+-]*$/;

/** As mysql2 writes it, which looks at each value for a dozen kinds that none of ours is. */
function literal(value: Value = null): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return plain.test(value) ? `'${value}'` : mysql2().escape(value);
  return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
}

function* portions(tuples: readonly string[]): Generator<string[]> {
  let [some, weight]: [string[], number] = [[], 0];
  for (const tuple of tuples) {
    if (some.length === atOnce || (some.length > 0 && weight + tuple.length > heavy)) {
      yield some;
      [some, weight] = [[], 0];
    }
    some.push(tuple);
    weight += tuple.length;
  }
  if (some.length > 0) yield some;
}
