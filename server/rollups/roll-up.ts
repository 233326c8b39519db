import { atomically } from '../../db/atomically.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { DirtyHourRow, OutcomeName, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { nextDirty, unmark } from './dirty-hours.ts';
import { addResult, type Figures, noFigures, toRollup } from './figures.ts';
import { hourMs } from './hours.ts';

/**
 * Recomputes every dirty hour from its rows, and returns how many there were. An hour is recomputed whole, so that it
 * doesn't matter when its runs came, nor how often this is done. Stops between two hours when `signal` is aborted.
 */
export async function rollUpDirty(db: CustomerDb, signal?: AbortSignal): Promise<number> {
  for (let hours = 0; ; ) {
    const done = signal?.aborted ? 0 : await rollUpNext(db);
    if (done === 0) return hours;
    hours += done;
  }
}

/** Rows and marks change in one transaction: after a crash an hour is either rolled up or still dirty. */
function rollUpNext(db: CustomerDb): Promise<number> {
  return atomically(db, async (trx) => {
    const dirty = await nextDirty(trx);
    const [first] = dirty;
    if (!first) return 0;
    const sentinels = dirty.map((d) => d.sentinel_id);
    const rows = await recompute(trx, first, new Set(sentinels));
    for (const sentinel_id of sentinels) {
      await trx('rollups').where({ monitor_id: first.monitor_id, hour: first.hour, sentinel_id }).delete();
    }
    await insertAll(trx, 'rollups', rows);
    for (const mark of dirty) await unmark(trx, mark);
    return dirty.length;
  });
}

interface ResultRow {
  transaction_id: number;
  sentinel_id: string;
  location_id: string;
  outcome: OutcomeName;
  error_code: string | null;
  time_us: number | null;
}

async function recompute(db: CustomerDb, of: DirtyHourRow, sentinels: ReadonlySet<string>): Promise<RollupRow[]> {
  const figures = new Map<string, { key: Omit<ResultRow, 'outcome' | 'error_code' | 'time_us'>; sum: Figures }>();
  for (const { outcome, error_code, time_us, ...key } of await resultsOfHour(db, of.monitor_id, of.hour)) {
    if (!sentinels.has(key.sentinel_id)) continue;
    const name = `${key.transaction_id} ${key.sentinel_id} ${key.location_id}`;
    const entry = figures.get(name) ?? { key, sum: noFigures() };
    figures.set(name, entry);
    addResult(entry.sum, { outcome, errorCode: error_code, timeUs: time_us });
  }
  return [...figures.values()].map(({ key, sum }) => ({
    ...{ monitor_id: of.monitor_id, hour: of.hour, ...key },
    ...toRollup(sum),
  }));
}

async function resultsOfHour(db: CustomerDb, monitorId: string, hour: number): Promise<ResultRow[]> {
  const runs: ResultRow[] = await db('runs')
    .where({ monitor_id: monitorId })
    .where('started_at', '>=', hour)
    .where('started_at', '<', hour + hourMs)
    .select('sentinel_id', 'location_id', 'outcome', 'error_code', { time_us: 'duration_us' })
    .select(db.raw('0 as transaction_id'));
  const results: ResultRow[] = await db('transactions as t')
    .join('transaction_results as r', 'r.transaction_id', 't.id')
    .join('runs', 'runs.id', 'r.run_id')
    .where('t.monitor_id', monitorId)
    .where('r.started_at', '>=', hour)
    .where('r.started_at', '<', hour + hourMs)
    .select('r.transaction_id', 'runs.sentinel_id', 'runs.location_id')
    .select('r.outcome', 'r.error_code', { time_us: 'r.response_us' });
  return [...runs, ...results];
}
