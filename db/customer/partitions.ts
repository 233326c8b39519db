import type { Knex } from 'knex';
import { changeTables, isMysql } from '../engines/dialect.ts';
import { firstIdAt, type Month, monthOf } from './months.ts';

/*
 * On MariaDB and MySQL what grows with the runs lies in a partition for each month (UTC) of the runs' ids, so that a month
 * can be taken out at once. Ids of clocks that are years off lie before the first month or after the last one, in
 * partitions of their own. SQLite has plain tables.
 *
 * Who reads by a run's start does not bound its id as well: a clock that is off would hide its runs. Looking into 20
 * partitions instead of one took 0.14 ms more (an hour of one transaction among 400,000 results); of runs it is asked by each
 * outcome, so four times that.
 */

/** The partitioned tables, and the column of each that holds the run's id. */
const tables = { runs: 'id', transaction_results: 'run_id', evidence: 'run_id' };
/** Months before the present one, for what devices bring late, and months after it. */
const [monthsBehind, monthsAhead] = [1, 2];

interface Bound {
  name: string;
  /** The lowest run id of the next month, as SQL. */
  below: string;
}

/** Lays tables without partitions out in them, those of the months about `now` (ms). */
export async function partitionByMonth(db: Knex, now: number): Promise<void> {
  if (!isMysql(db)) return;
  const months = monthsFrom(now, -monthsBehind);
  for (const [table, column] of Object.entries(tables)) {
    if ((await partitionsOf(db, table)).length > 0) continue;
    const parts = [`partition earlier values less than (${firstIdOf(now, -monthsBehind)})`, ...months.map(partition)];
    await db.raw(`alter table ${table} partition by range columns (${column}) (${[...parts, later].join(', ')})`);
  }
}

/**
 * Makes the months up to two ahead of `now` (ms) where they are missing; returns how many partitions it made. Throws as
 * `changeTables`.
 */
export async function addPartitions(db: Knex, now: number): Promise<number> {
  if (!isMysql(db)) return 0;
  let made = 0;
  for (const table of Object.keys(tables)) {
    const there = (await partitionsOf(db, table)).toSorted();
    const missing = monthsFrom(now, 0).filter(({ name }) => !there.some((one) => one.startsWith('p') && one >= name));
    if (missing.length === 0) continue;
    const parts = [...missing.map(partition), later].join(', ');
    await change(db, `alter table ${table} reorganize partition later into (${parts})`);
    made += missing.length;
  }
  return made;
}

/**
 * Takes a month's partitions out of the tables with all that lies in them; what comes with such ids from now on lies before
 * the first month. False where it can't be done so, since the month has no partition or shares it with others' rows.
 * Nothing may be added to the month meanwhile. Cut short, it is ended by doing it again. Throws as `changeTables`.
 */
export async function dropMonth(db: Knex, { name, from, to }: Month): Promise<boolean> {
  if (!isMysql(db)) return false;
  const own = partitionOf(name);
  let dropped = false;
  // Runs last: they show whether there is anything left.
  for (const [table, column] of Object.entries(tables).reverse()) {
    const there = (await partitionsOf(db, table)).toSorted();
    if (!there.includes(own)) continue;
    const [others] = await db.raw(
      `select 1 from ${table} partition (${own}) where ${column} < ${literal(from)} limit 1`,
    );
    if (others.length > 0) return false;
    await change(db, `alter table ${table} truncate partition ${own}`);
    dropped = true;
    if (there.find((one) => one.startsWith('p')) !== own) continue;
    const joined = `partition earlier values less than (${literal(to)})`;
    await change(db, `alter table ${table} reorganize partition earlier, ${own} into (${joined})`);
  }
  return dropped;
}

function change(db: Knex, statement: string): Promise<unknown> {
  return db.transaction((trx) => changeTables(trx, async () => trx.raw(statement)));
}

const later = 'partition later values less than (maxvalue)';

function partition({ name, below }: Bound): string {
  return `partition ${name} values less than (${below})`;
}

async function partitionsOf(db: Knex, table: string): Promise<string[]> {
  const rows: { name: string }[] = await db('information_schema.partitions')
    .whereRaw('table_schema = database()')
    .where({ table_name: table })
    .whereNotNull('partition_name')
    .select({ name: 'partition_name' }); // MySQL 8 answers with PARTITION_NAME, however it is asked
  return rows.map(({ name }) => name);
}

/** Months from so many after that of `now` up to the last that is to be there. */
function monthsFrom(now: number, first: number): Bound[] {
  const count = monthsAhead - first + 1;
  return Array.from({ length: count }, (_, index) => {
    const { name, to } = monthOf(now, first + index);
    return { name: partitionOf(name), below: literal(to) };
  });
}

function partitionOf(month: string): string {
  return `p${month.replace('-', '')}`;
}

function firstIdOf(now: number, months: number): string {
  return literal(monthOf(now, months).from);
}

function literal(at: number): string {
  return `x'${firstIdAt(at).toString('hex')}'`;
}
