import type { OutcomeName } from '../../db/customer/rows.ts';
import { runsBetween } from '../../db/customer/runs-by-start.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import type { Period } from '../reports/shapes.ts';
import type { Counted } from './figures.ts';
import { hourMs } from './hours.ts';

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
  /** In hexadecimal: a text is read several times as fast as bytes. */
  key: string;
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

/**
 * Every result of a monitor's runs that count and started in [from, to): the rows that rollups and short reports are made of.
 * Of transactions those of `transactionIds` alone, if given; of whole runs always.
 */
export async function resultsBetween(
  db: CustomerDb,
  monitorId: string,
  { from, to }: Period,
  transactionIds?: readonly number[],
): Promise<Result[]> {
  const runs = await wholeRuns(db, monitorId, { from, to });
  const results = runs.map((run) => toResult(run, run, 0));
  // The database would look for each result's run in its tree, which takes longer than all the rest.
  const byKey = new Map(runs.map((run) => [run.key, run]));
  const asked = transactionIds?.filter((id) => id !== 0);
  if (asked?.length === 0 || runs.length === 0) return results;
  for (const row of await transactions(db, monitorId, { from, to }, asked)) {
    const run = byKey.get(row.run_key);
    if (run) results.push(toResult(row, run, row.transaction_id));
  }
  return results;
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

/** Of so many runs all results may be held at once, and those of an hour, of which rollups are made whole. */
const mostRuns = 5000;

/** [from, to) cut so that no part longer than an hour has more runs than `resultsBetween` should be asked for at once. */
export async function readable(db: CustomerDb, monitorId: string, { from, to }: Period): Promise<Period[]> {
  if (to - from <= hourMs) return [{ from, to }];
  const after = db.raw('(?? - ?)', ['started_at', from]);
  const rows = await runsBetween(db, [monitorId], { from, to })
    .select<{ piece: number; runs: number }[]>(
      db.raw('? - ? % ? as ??', [after, after, hourMs, 'piece']),
      db.raw('count(*) as ??', 'runs'),
    )
    .groupBy('piece')
    .orderBy('piece');
  const parts: Period[] = [];
  let [begin, sum] = [from, 0];
  for (const { piece, runs } of rows) {
    if (sum > 0 && sum + runs > mostRuns) {
      parts.push({ from: begin, to: from + piece });
      [begin, sum] = [from + piece, 0];
    }
    sum += runs;
  }
  return [...parts, { from: begin, to }];
}

function wholeRuns(db: CustomerDb, monitorId: string, period: Period) {
  return runsBetween(db, [monitorId], period)
    .where({ counts: 1 })
    .select<(Row & RunOf)[]>(
      db.raw('hex(id) as ??', 'key'),
      'sentinel_id',
      'location_id',
      'started_at',
      'outcome',
      'error_code',
      {
        time_us: 'duration_us',
      },
    );
}

/** By their ids, not by a join: MariaDB would read all that each of them ever gave, whatever the period. */
async function transactions(db: CustomerDb, monitorId: string, { from, to }: Period, asked?: readonly number[]) {
  const ids: readonly number[] = asked ?? (await db('transactions').where({ monitor_id: monitorId }).pluck('id'));
  return inChunks(ids, (some) =>
    db('transaction_results')
      .whereIn('transaction_id', some)
      .where('started_at', '>=', from)
      .where('started_at', '<', to)
      .select<(Row & { transaction_id: number; run_key: string })[]>('transaction_id', 'started_at')
      .select(db.raw('hex(run_id) as run_key'))
      .select('outcome', 'error_code', { time_us: 'response_us' }),
  );
}
