import { resultsOfRuns } from '../../db/customer/results-of-runs.ts';
import type { EvidenceRow, RunRow, TransactionResultRow } from '../../db/customer/rows.ts';
import { runIdOf, runKey } from '../../db/customer/run-key.ts';
import { runsByStart } from '../../db/customer/runs-by-start.ts';
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
  const found = await runsByStart(
    db,
    (all) => {
      const own = all.where({ monitor_id: monitorId });
      return before ? own.where('started_at', '<=', before.at).where((either) => isBefore(either, before)) : own;
    },
    { order: 'desc', limit: limit + 1, of: outcome && [outcome] },
  );
  const shown = found.slice(0, limit).map(({ id }) => id);
  const last = found.length > limit ? found[limit - 1] : undefined;
  const next = last ? cursorText(last) : null;
  return { runs: await runsWithKeys(db, shown), next, archivedUntil: await sealedUntil(db) };
}

/** The runs with these keys that are there, newest first. */
export async function runsWithKeys(db: CustomerDb, keys: readonly Uint8Array[]): Promise<RunSummary[]> {
  if (keys.length === 0) return [];
  const rows = await db('runs')
    .leftJoin('locations', 'locations.id', 'runs.location_id')
    .leftJoin('sentinels', 'sentinels.id', 'runs.sentinel_id')
    .whereIn('runs.id', keys)
    .orderBy([
      { column: 'runs.started_at', order: 'desc' },
      { column: 'runs.id', order: 'desc' },
    ])
    .select<Row[]>(...listed.map((name) => `runs.${name}`), { location: 'locations.name', sentinel: 'sentinels.name' });
  const results = Map.groupBy(await resultsOf(db, keys), (row) => runIdOf(row.run_id));
  const pictured = await withScreenshot(db, keys);
  return rows.map((row) => present(row, results.get(runIdOf(row.id)) ?? [], pictured.has(runIdOf(row.id))));
}

function isBefore(query: ReturnType<CustomerDb['where']>, { at, id }: Cursor) {
  return query.where('started_at', '<', at).orWhere('id', '<', runKey(id));
}

function cursorText(row: Pick<RunRow, 'id' | 'started_at'>): string {
  return `${row.started_at}_${runIdOf(row.id)}`;
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
