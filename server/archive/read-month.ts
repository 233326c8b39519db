import type { Knex } from 'knex';
import { firstIdAt, type Month } from '../../db/customer/months.ts';
import type { TransactionResultRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { ArchiveFault } from './archive-fault.ts';
import { evidenceColumns, lineOf, resultColumns, runColumns } from './columns.ts';
import type { Name, NamedMonitor, Names } from './names.ts';
import type { Scratch } from './scratch.ts';
import { openTables, type Tables } from './tables.ts';

/** Rows of one statement. */
const atOnce = 20_000;
/** Letters of an id in a line. */
const idLetters = 32;

/**
 * Reads the rows of a closed month into tables of `scratch`, in the order in which they are to lie: by monitor,
 * transaction and time. The database joins them to one line of text each, which is quicker to hand over than values.
 * A result names its run by a number within the month: random ids can't be packed.
 */
export async function readMonth(db: CustomerDb, month: Month, names: Names, scratch: Scratch): Promise<void> {
  const tables = await openTables(scratch);
  let first = 0;
  for (const [index, monitor] of names.monitors.entries()) {
    const runs = await readRuns(db, { month, monitor, index, first, names }, tables);
    first += runs.ids.length;
    if (runs.ids.length === 0) continue;
    for (const [transaction, { key }] of monitor.transactions.entries()) {
      await readResults(db, { month, monitor, index, transaction, key, runs }, tables);
    }
  }
  await readEvidence(db, month, tables);
  await tables.close();
}

/** The runs of a monitor in the order in which its results lie too. */
interface RunsOfMonitor {
  /** Number of the first. */
  first: number;
  ids: string[];
  from: number;
  to: number;
}

interface Reading {
  month: Month;
  monitor: NamedMonitor;
  /** Its place among all. */
  index: number;
  first: number;
  names: Names;
}

async function readRuns(db: CustomerDb, reading: Reading, tables: Tables): Promise<RunsOfMonitor> {
  const { month, monitor, index, first, names } = reading;
  const runs: RunsOfMonitor = { first, ids: [], from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (let last: { started_at: number; id: Uint8Array } | undefined; ; ) {
    const query = db('runs as r')
      .leftJoin('run_details as d', 'd.run_id', 'r.id')
      .where('r.monitor_id', monitor.key)
      .where('r.id', '>=', firstIdAt(month.from))
      .where('r.id', '<', firstIdAt(month.to))
      .orderBy(['r.started_at', 'r.id'])
      .limit(atOnce)
      .select('r.id', 'r.started_at', 'r.sentinel_id', 'r.location_id', 'd.facts')
      .select({ line: db.raw(lineOf('r', runColumns)) });
    if (last) {
      const { started_at, id } = last;
      query
        .where('r.started_at', '>=', started_at)
        .where((or) => or.where('r.started_at', '>', started_at).orWhere('r.id', '>', id));
    }
    const rows: RunLine[] = await query;
    for (const row of rows) {
      const place = { sentinel: names.sentinels.get(row.sentinel_id), location: names.locations.get(row.location_id) };
      tables.runs.add(runLine({ monitor: index, run: first + runs.ids.length, ...place, ...row }));
      runs.ids.push(row.line.slice(0, idLetters));
    }
    runs.from = Math.min(runs.from, rows[0]?.started_at ?? runs.from);
    runs.to = Math.max(runs.to, rows.at(-1)?.started_at ?? runs.to);
    await tables.runs.flush();
    if (rows.length < atOnce) return runs;
    last = rows.at(-1);
  }
}

interface RunLine {
  id: Uint8Array;
  started_at: number;
  sentinel_id: string;
  location_id: string;
  facts: string | null;
  line: string;
}

interface LineParts {
  monitor: number;
  run: number;
  sentinel: Name | undefined;
  location: Name | undefined;
  facts: string | null;
  line: string;
}

/** A line of the table of runs. */
export function runLine({ monitor, run, sentinel, location, facts, line }: LineParts): string {
  const text = (value: string | undefined | null) => (value == null ? '' : `"${value.replaceAll('"', '""')}"`);
  const places = [sentinel?.id, sentinel?.name, location?.id, location?.name].map(text);
  return `${monitor},${run},${places.join(',')},${text(facts)},${line}`;
}

interface ReadingResults extends Omit<Reading, 'first' | 'names'> {
  /** Its place among the monitor's. */
  transaction: number;
  /** As rows name it. */
  key: number;
  runs: RunsOfMonitor;
}

/** Results lie in the order of their runs, so that one look along these finds each. */
async function readResults(db: CustomerDb, reading: ReadingResults, tables: Tables): Promise<void> {
  const { month, monitor, index, transaction, key, runs } = reading;
  let place = 0;
  for (let last: Place | undefined; ; ) {
    const line = db.raw(`concat_ws(',', hex(t.run_id), ${lineOf('t', resultColumns)})`);
    const query = db('transaction_results as t')
      .where('t.transaction_id', key)
      .where('t.run_id', '>=', firstIdAt(month.from))
      .where('t.run_id', '<', firstIdAt(month.to))
      .where('t.started_at', '>=', last?.started_at ?? runs.from)
      .where('t.started_at', '<=', runs.to)
      .orderBy(['t.started_at', 't.run_id', 't.position'])
      .limit(atOnce)
      .select({ line });
    if (last) query.where(isAfter(last));
    const rows: { line: string }[] = await query;
    const lines = rows.map((row) => row.line);
    for (const one of lines) {
      const id = one.slice(0, idLetters);
      while (place < runs.ids.length && runs.ids[place] !== id) place++;
      if (place === runs.ids.length)
        throw new ArchiveFault(`a result of the monitor "${monitor.name}" belongs to no run`);
      tables.results.add(`${index},${transaction},${runs.first + place}${one.slice(idLetters)}`);
    }
    await tables.results.flush();
    if (lines.length < atOnce) return;
    last = keyOf(lines.at(-1) ?? '');
  }
}

type Place = Pick<TransactionResultRow, 'run_id' | 'position' | 'started_at'>;

function keyOf(line: string): Place {
  const [id = '', position, startedAt] = line.split(',', 3);
  return { run_id: Buffer.from(id, 'hex'), position: Number(position), started_at: Number(startedAt) };
}

function isAfter({ started_at, run_id, position }: Place) {
  return (where: Knex.QueryBuilder) => {
    where
      .where('t.started_at', '>', started_at)
      .orWhere('t.run_id', '>', run_id)
      .orWhere((same) => same.where('t.run_id', run_id).where('t.position', '>', position));
  };
}

async function readEvidence(db: CustomerDb, month: Month, tables: Tables): Promise<void> {
  for (let last: { run_id: Uint8Array; position: number } | undefined; ; ) {
    const query = db('evidence as e')
      .where('e.run_id', '>=', last?.run_id ?? firstIdAt(month.from))
      .where('e.run_id', '<', firstIdAt(month.to))
      .orderBy(['e.run_id', 'e.position'])
      .limit(atOnce)
      .select('e.run_id', 'e.position', { line: db.raw(lineOf('e', evidenceColumns)) });
    if (last) {
      const { run_id, position } = last;
      query.where((or) => or.where('e.run_id', '>', run_id).orWhere('e.position', '>', position));
    }
    const rows: { run_id: Uint8Array; position: number; line: string }[] = await query;
    for (const { line } of rows) tables.evidence.add(line);
    await tables.evidence.flush();
    if (rows.length < atOnce) return;
    last = rows.at(-1);
  }
}
