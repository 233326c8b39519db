import { resultsOfRuns } from '../../db/customer/results-of-runs.ts';
import type { EvidenceRow, RunRow, TransactionResultRow } from '../../db/customer/rows.ts';
import { runIdOf, runKey } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Outcome } from '../../sentinel/protocol/messages.ts';
import { sealedUntil } from '../rollups/sealed-hours.ts';
import type { RunSummary, RunsAnswer } from './shapes.ts';

/** The place in the list after which to go on: a run's start (ms) and id. */
export interface Cursor {
  at: number;
  id: string;
}

export interface Page {
  before?: Cursor | undefined;
  limit: number;
  outcome?: Outcome | undefined;
}

/** What a list shows of a run: details, which can be large, are for its own page. */
const listed = [
  ...(['id', 'sentinel_id', 'location_id', 'started_at', 'duration_us', 'outcome'] as const),
  ...(['error_code', 'error_message', 'retry_of', 'retried_by', 'counts'] as const),
];
type Row = Pick<RunRow, (typeof listed)[number]> & { location: string | null; sentinel: string | null };
type Result = TransactionResultRow & { name: string };

/** Runs of a monitor, newest first. Pages neither repeat nor leave out a run that was there when the first was read. */
export async function runs(db: CustomerDb, monitorId: string, { before, limit, outcome }: Page): Promise<RunsAnswer> {
  const query = newestFirst(db)
    .where('runs.monitor_id', monitorId)
    .limit(limit + 1);
  if (outcome) query.where('runs.outcome', outcome);
  if (before) query.where('runs.started_at', '<=', before.at).where((either) => isBefore(either, before));
  const rows = await query;
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const next = last ? cursorText(last) : null;
  return { runs: await presentRuns(db, shown), next, archivedUntil: await sealedUntil(db) };
}

/** The runs with these keys that are there, newest first. */
export async function runsWithKeys(db: CustomerDb, keys: readonly Uint8Array[]): Promise<RunSummary[]> {
  return presentRuns(db, await newestFirst(db).whereIn('runs.id', keys));
}

function newestFirst(db: CustomerDb) {
  return db('runs')
    .leftJoin('locations', 'locations.id', 'runs.location_id')
    .leftJoin('sentinels', 'sentinels.id', 'runs.sentinel_id')
    .orderBy([
      { column: 'runs.started_at', order: 'desc' },
      { column: 'runs.id', order: 'desc' },
    ])
    .select<Row[]>(...listed.map((name) => `runs.${name}`), { location: 'locations.name', sentinel: 'sentinels.name' });
}

function isBefore(query: ReturnType<CustomerDb['where']>, { at, id }: Cursor) {
  return query.where('runs.started_at', '<', at).orWhere('runs.id', '<', runKey(id));
}

function cursorText(row: Row): string {
  return `${row.started_at}_${runIdOf(row.id)}`;
}

async function presentRuns(db: CustomerDb, rows: readonly Row[]): Promise<RunSummary[]> {
  if (rows.length === 0) return [];
  const keys = rows.map((row) => row.id);
  const results = Map.groupBy(await resultsOf(db, keys), (row) => runIdOf(row.run_id));
  const pictured = await withScreenshot(db, keys);
  return rows.map((row) => present(row, results.get(runIdOf(row.id)) ?? [], pictured.has(runIdOf(row.id))));
}

/** Results of the runs with the names of their transactions, in the order they were run. */
export function resultsOf(db: CustomerDb, keys: readonly Uint8Array[]): Promise<Result[]> {
  return resultsOfRuns(db, keys).orderBy(['r.run_id', 'r.position']).select<Result[]>('r.*', 't.name');
}

export function retryFacts({
  retry_of,
  retried_by,
  counts,
}: Pick<RunRow, 'retry_of' | 'retried_by' | 'counts'>): Pick<RunSummary, 'retryOf' | 'retriedBy' | 'counts'> {
  return { retryOf: retry_of && runIdOf(retry_of), retriedBy: retried_by && runIdOf(retried_by), counts: counts === 1 };
}

async function withScreenshot(db: CustomerDb, keys: readonly Uint8Array[]): Promise<Set<string>> {
  const rows: Pick<EvidenceRow, 'run_id'>[] = await db<EvidenceRow>('evidence')
    .whereIn('run_id', keys)
    .where({ kind: 'screenshot' })
    .whereNotNull('stored_sha256')
    .select('run_id');
  return new Set(rows.map((row) => runIdOf(row.run_id)));
}

function present(row: Row, results: readonly Result[], screenshot: boolean): RunSummary {
  const wrong = results.find((result) => result.outcome === 'failed' || result.outcome === 'errored');
  return {
    id: runIdOf(row.id),
    ...retryFacts(row),
    startedAt: row.started_at,
    durationUs: row.duration_us,
    outcome: row.outcome,
    errorCode: row.error_code ?? wrong?.error_code ?? null,
    message: row.error_message ?? wrong?.error_message ?? null,
    transaction: wrong?.name ?? null,
    location: row.location ?? row.location_id,
    sentinel: row.sentinel ?? row.sentinel_id,
    screenshot,
    transactions: results.map(({ name, outcome, start_us, duration_us, response_us }) => ({
      ...{ name, outcome, startUs: start_us, durationUs: duration_us, responseUs: response_us },
    })),
  };
}
