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
      if (!isMysql(db)) {
        const given = alike.map((row) => there.map((at) => row[at] ?? null));
        await client._query(connection, { sql: `${into} (${there.map(() => '?')})`, rows: given });
        continue;
      }
      // Without bindings, not with none: it would be looked through for places to put them.
      for (const some of portions(alike, there))
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

/** Two to the power of each place that is given: as a number, by which it is found sooner than by a text. */
function shapeOf(row: readonly Value[]): number {
  let shape = 0;
  for (const value of row) shape = shape * 2 + (value === null ? 0 : 1);
  return shape;
}

function placesOf(row: readonly Value[]): number[] {
  return [...row.keys()];
}

/** Texts of which nobody need look at each letter: ids, hashes, names, codes. */
const plain = /^[\w .:,;@/+-]*$/;

/** The rows as SQL writes them, as many at a time as a statement takes. */
function* portions(rows: readonly (readonly Value[])[], there: readonly number[]): Generator<string> {
  const literal = literals();
  let [text, count] = ['', 0];
  for (const row of rows) {
    let tuple = '';
    for (const at of there) tuple += tuple === '' ? literal(row[at]) : `,${literal(row[at])}`;
    if (count === atOnce || (count > 0 && text.length + tuple.length > heavy)) {
      yield text;
      [text, count] = ['', 0];
    }
    text += count === 0 ? `(${tuple})` : `,(${tuple})`;
    count += 1;
  }
  if (count > 0) yield text;
}

/** Writes values as mysql2 does, which looks at each for a dozen kinds that none of ours is. */
function literals(): (value?: Value) => string {
  // Results of a run bear its id one after the other.
  let [bytes, written]: [Uint8Array | null, string] = [null, ''];
  return (value = null) => {
    if (value === null) return 'NULL';
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string') return plain.test(value) ? `'${value}'` : mysql2().escape(value);
    if (value !== bytes) [bytes, written] = [value, `x'${value.toHex()}'`];
    return written;
  };
}
