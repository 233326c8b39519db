import type { Knex } from 'knex';
import { isMysql } from './dialect.ts';
import { mysql2 } from './mysql2.ts';

export type Value = string | number | Uint8Array | null;

/** Rows in one statement of MariaDB or MySQL, and what they hold (bytes or letters): more are hardly quicker. */
const [atOnce, heavy] = [1000, 1024 * 1024]; // a statement may have 16 MiB, in which a letter can take 4 bytes, a byte 2

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
      if (!isMysql(db)) await client._query(connection, { sql: `${into} (${there.map(() => '?')})`, rows: alike });
      // Without bindings, not with none: it would be looked through for places to put them.
      else
        for (const some of portions(alike))
          await client._query(connection, { sql: `${into} ${some.map(tuple)}`, bindings: null });
    }
  } finally {
    await client.releaseConnection(connection);
  }
}

/** Of fewer rows that lack the same columns a statement by itself would cost more than it saves. */
const few = 20;

/**
 * Rows without their nulls, and the places of what they have: of a run or a result that went well that is half. What only
 * a few rows lack is spelt out.
 */
function* byColumns(rows: readonly (readonly Value[])[]): Generator<[number[], (readonly Value[])[]]> {
  const rest: (readonly Value[])[] = [];
  for (const alike of Map.groupBy(rows, shapeOf).values()) {
    const [first = []] = alike;
    if (alike.length < few) rest.push(...alike);
    else
      yield [
        placesOf(first).filter((at) => first[at] !== null),
        alike.map((row) => row.filter((value) => value !== null)),
      ];
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

function tuple(row: readonly Value[]): string {
  let text = '(';
  for (const value of row) text += text === '(' ? literal(value) : `,${literal(value)}`;
  return `${text})`;
}

/** Texts of which nobody need look at each letter: ids, hashes, names, codes. */
const plain = /^[\w .:,;@/+-]*$/;

/** As mysql2 writes it, which looks at each value for a dozen kinds that none of ours is. */
function literal(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return plain.test(value) ? `'${value}'` : mysql2().escape(value);
  return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
}

function* portions(rows: readonly (readonly Value[])[]): Generator<(readonly Value[])[]> {
  let [some, weight]: [(readonly Value[])[], number] = [[], 0];
  for (const row of rows) {
    const more = weightOf(row);
    if (some.length === atOnce || (some.length > 0 && weight + more > heavy)) {
      yield some;
      [some, weight] = [[], 0];
    }
    some.push(row);
    weight += more;
  }
  if (some.length > 0) yield some;
}

function weightOf(row: readonly Value[]): number {
  return row.reduce<number>(
    (sum, value) => sum + (typeof value === 'object' || typeof value === 'string' ? (value?.length ?? 0) : 0),
    0,
  );
}
