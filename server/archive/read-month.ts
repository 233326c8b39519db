import type { Knex } from 'knex';
import { firstIdAt, type Month } from '../../db/customer/months.ts';
import { outcomes } from '../../db/customer/runs-by-start.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { readByIndex } from '../../db/engines/dialect.ts';
import { patiently } from '../../db/engines/mysql.ts';
import { cell, evidenceColumns, lineOf, resultColumns, runColumns } from './columns.ts';
import { joinedIn, type Part, type Span } from './joined-rows.ts';
import type { Names } from './names.ts';
import type { Scratch } from './scratch.ts';
import { openTables, type Tables } from './tables.ts';

/** Rows that the database is asked for at once: some MB. */
const [runsAtOnce, resultsAtOnce] = [8_000, 30_000];

/**
 * Reads the rows of a closed month into tables of `scratch`, by monitor, transaction and time. The database joins some
 * thousand of them to one text of lines, which spares both sides most of what rows cost to hand over.
 */
export async function readMonth(db: CustomerDb, month: Month, names: Names, scratch: Scratch): Promise<void> {
  const tables = await openTables(scratch, names);
  const spans = await spansOf(db, month);
  for (const [index, { key }] of names.monitors.entries()) {
    const span = spans.get(key);
    if (span) await readRuns(db, { month, index, key, span }, tables);
  }
  await tables.flush(true);
  for (const [index, { key: monitor, transactions }] of names.monitors.entries()) {
    const span = spans.get(monitor);
    if (!span) continue;
    for (const [place, { key }] of transactions.entries()) {
      await readResults(db, { month, index, place, key, span }, tables);
    }
  }
  await readEvidence(db, month, tables);
  await tables.flush(true);
}

/** When the runs of each monitor started; their results did at the same instants. */
async function spansOf(db: CustomerDb, month: Month): Promise<Map<string, Span>> {
  const runs: { monitor_id: string; from: number; last: number; rows: number }[] = await patiently(db, (own) =>
    inMonth(own('runs'), 'id', month)
      .groupBy('monitor_id')
      .select('monitor_id')
      .min({ from: 'started_at' })
      .max({ last: 'started_at' })
      .count({ rows: '*' }),
  );
  return new Map(runs.map(({ monitor_id, from, last, rows }) => [monitor_id, { from, to: last + 1, rows }]));
}

function inMonth(rows: Knex.QueryBuilder, id: string, { from, to }: Month): Knex.QueryBuilder {
  return rows.where(id, '>=', firstIdAt(from)).where(id, '<', firstIdAt(to));
}

interface Reading {
  month: Month;
  /** The monitor's place among all. */
  index: number;
  /** As rows name what is read. */
  key: string | number;
  span: Span;
}

async function readRuns(db: CustomerDb, { month, index, key, span }: Reading, tables: Tables): Promise<void> {
  const details = cell('r', { name: 'details', from: 'text' });
  const line = lineOf([index, 'r.sentinel_id', 'r.location_id', details], 'r', runColumns);
  const rows = ({ from, to }: Part) =>
    inMonth(db.from(readByIndex(db, 'runs', 'r', 'runs_by_start')), 'r.id', month)
      .where('r.monitor_id', key)
      .whereIn('r.outcome', outcomes)
      .where('r.started_at', '>=', from)
      .where('r.started_at', '<', to);
  for await (const { text, count } of joinedIn(db, rows, line, span, runsAtOnce)) {
    await tables.runs.add(text, count, index);
    await tables.flush();
  }
}

interface ReadingResults extends Reading {
  /** The transaction's among the monitor's. */
  place: number;
}

async function readResults(db: CustomerDb, reading: ReadingResults, tables: Tables): Promise<void> {
  const { month, index, place, key, span } = reading;
  const line = lineOf([index, place, 'hex(t.run_id)'], 't', resultColumns);
  const rows = ({ from, to }: Part) =>
    inMonth(db('transaction_results as t'), 't.run_id', month)
      .where('t.transaction_id', key)
      .where('t.started_at', '>=', from)
      .where('t.started_at', '<', to);
  for await (const { text, count } of joinedIn(db, rows, line, span, resultsAtOnce)) {
    await tables.results.add(text, count, index);
    await tables.flush();
  }
}

async function readEvidence(db: CustomerDb, { from, to }: Month, tables: Tables): Promise<void> {
  const rows = (span: Part, on = db) =>
    on('evidence as e').where('e.run_id', '>=', firstIdAt(span.from)).where('e.run_id', '<', firstIdAt(span.to));
  const [all] = await patiently(db, (own) => rows({ from, to }, own).count({ rows: '*' }));
  const span = { from, to, rows: Number(all?.rows) };
  for await (const { text, count } of joinedIn(db, rows, lineOf([], 'e', evidenceColumns), span, resultsAtOnce)) {
    await tables.evidence.add(text, count);
    await tables.flush();
  }
}
