import type { OutcomeName } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Counted } from './figures.ts';

/** A result as it is counted: of one transaction, or of a whole run. */
export interface Result extends Counted {
  /** 0 for a whole run. */
  transactionId: number;
  sentinelId: string;
  locationId: string;
  /** The run's, ms since 1970. */
  startedAt: number;
}

interface RunOf {
  id: Uint8Array;
  sentinel_id: string;
  location_id: string;
  started_at: number;
}

interface Row {
  started_at: number;
  outcome: OutcomeName;
  error_code: string | null;
  time_us: number | null;
}

/** Every result of a monitor's runs that count and started in [from, to): the rows that rollups and short reports are made of. */
export async function resultsBetween(db: CustomerDb, monitorId: string, from: number, to: number): Promise<Result[]> {
  const runs = await wholeRuns(db, monitorId, from, to);
  const results = runs.map((run) => toResult(run, run, 0));
  const runOf = finder(runs);
  for (const row of await transactions(db, monitorId, from, to)) {
    const run = runOf(row);
    if (run) results.push(toResult(row, run, row.transaction_id));
  }
  return results;
}

/**
 * Finds the run of a result: both bear the same start. The database would look for each one's run in its tree, which
 * takes longer than all the rest.
 */
function finder<Run extends RunOf>(
  runs: readonly Run[],
): (of: { started_at: number; run_id: Uint8Array }) => Run | undefined {
  const byStart = Map.groupBy(runs, (run) => run.started_at);
  return ({ started_at, run_id }) => byStart.get(started_at)?.find(({ id }) => Buffer.compare(id, run_id) === 0);
}

function toResult(row: Row, run: RunOf, transactionId: number): Result {
  return {
    transactionId,
    sentinelId: run.sentinel_id,
    locationId: run.location_id,
    startedAt: row.started_at,
    outcome: row.outcome,
    errorCode: row.error_code,
    timeUs: row.time_us,
  };
}

function wholeRuns(db: CustomerDb, monitorId: string, from: number, to: number) {
  return db('runs')
    .where({ monitor_id: monitorId, counts: 1 })
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .select<(Row & RunOf)[]>('id', 'sentinel_id', 'location_id', 'started_at', 'outcome', 'error_code', {
      time_us: 'duration_us',
    });
}

function transactions(db: CustomerDb, monitorId: string, from: number, to: number) {
  return db('transactions as t')
    .join('transaction_results as r', 'r.transaction_id', 't.id')
    .where({ 't.monitor_id': monitorId })
    .where('r.started_at', '>=', from)
    .where('r.started_at', '<', to)
    .select<(Row & { transaction_id: number; run_id: Uint8Array })[]>('r.transaction_id', 'r.started_at', 'r.run_id')
    .select('r.outcome', 'r.error_code', { time_us: 'r.response_us' });
}
