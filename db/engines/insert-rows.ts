import type { Knex } from 'knex';
import { isMysql } from './dialect.ts';
import { mysql2 } from './mysql2.ts';

export type Value = string | number | Uint8Array | null;
/** A row's, by column. */
export type Values = Readonly<Record<string, Value>>;

/** Rows in one statement of MariaDB or MySQL, and letters of it: more are hardly quicker. */
const [atOnce, heavy] = [1000, 1024 * 1024]; // a statement may have 16 MiB, in which a letter can take 4 bytes

/**
 * Inserts rows by the way that is quickest on the engine: one statement for many, or with SQLite, to which there is no
 * way, a short one again and again. Rows that lack the same columns go in in their order. What is null is left out, so a
 * column that may be null must be null by default. `instead` is SQL that says what is done where there is such a row: see
 * `countUp`.
 */
export async function insertRows(
  db: Knex,
  table: string,
  columns: readonly string[],
  rows: readonly Values[],
  instead = '',
): Promise<void> {
  const { client } = db;
  const quoted = (name: string): string => client.wrapIdentifier(name, undefined);
  const connection: unknown = await client.acquireConnection();
  try {
    for (const [there, alike] of byColumns(columns, rows)) {
      const into = `insert into ${quoted(table)} (${there.map(quoted)}) values`;
      if (!isMysql(db)) {
        const given = alike.map(codeFor(there).values);
        await client._query(connection, { sql: `${into} (${there.map(() => '?')}) ${instead}`, rows: given });
        continue;
      }
      // Without bindings, not with none: it would be looked through for places to put them.
      for (const some of portions(alike, there))
        await client._query(connection, { sql: `${into} ${some} ${instead}`, bindings: null });
    }
  } finally {
    await client.releaseConnection(connection);
  }
}

/** Of fewer rows that lack the same columns a statement by itself would cost more than it saves. */
const few = 20;

/**
 * The columns that are given, and rows that have nothing in the others: of a run or a result that went well that is half.
 * What only a few rows lack is spelt out.
 */
function* byColumns(
  columns: readonly string[],
  rows: readonly Values[],
): Generator<[readonly string[], readonly Values[]]> {
  const rest: Values[] = [];
  for (const alike of Map.groupBy(rows, codeFor(columns).shape).values()) {
    const [first] = alike;
    if (alike.length < few) rest.push(...alike);
    else yield [columns.filter((column) => first?.[column] !== null), alike];
  }
  if (rest.length > 0) yield [columns, rest];
}

/** What is done with each row of the same columns. */
interface RowCode {
  /** Two to the power of each column that is given: as a number, by which it is found sooner than by a text. */
  shape(row: Values): number;
  /** In the order of the columns. */
  values(row: Values): Value[];
  /** As SQL. */
  tuple(row: Values): string;
}

const codes = new Map<string, RowCode>();
const mostCodes = 500;

/** Made as text, once for each list of columns: a loop over their names takes twice as long. Names are nothing but literals in it. */
function codeFor(columns: readonly string[]): RowCode {
  const names = JSON.stringify(columns);
  const known = codes.get(names);
  if (known) return known;
  const of = columns.map((name) => `row[${JSON.stringify(name)}]`);
  const parts = [
    `shape: (row) => ${of.map((value, i) => `(${value} === null ? 0 : ${2 ** i})`).join(' + ')}`,
    `values: (row) => [${of.map((value) => `${value} ?? null`)}]`,
    `tuple: (row) => '(' + ${of.map((value) => `literal(${value})`).join(" + ',' + ")} + ')'`,
  ];
  const code: RowCode = new Function('literal', `return { ${parts} };`)(literal);
  if (codes.size === mostCodes) codes.clear();
  codes.set(names, code);
  return code;
}

/** Texts in which nothing has to be escaped between single quotes: from the space on, but for the quote and the backslash. */
const plain = /^[ -&(-[\]-\uffff]*$/;

/** The rows as SQL writes them, as many at a time as a statement takes. */
function* portions(rows: readonly Values[], there: readonly string[]): Generator<string> {
  const { tuple } = codeFor(there);
  let [text, count] = ['', 0];
  for (const row of rows) {
    const one = tuple(row);
    if (count === atOnce || (count > 0 && text.length + one.length > heavy)) {
      yield text;
      [text, count] = ['', 0];
    }
    text += count === 0 ? one : `,${one}`;
    count++;
  }
  if (count > 0) yield text;
}

/** Writes a value as mysql2 does, which looks at each for a dozen kinds that none of ours is. */
function literal(value: Value = null): string {
  if (typeof value === 'number') return `${value}`;
  if (value === null) return 'NULL';
  if (typeof value === 'string') return plain.test(value) ? `'${value}'` : mysql2().escape(value);
  return `x'${value.toHex()}'`;
}
