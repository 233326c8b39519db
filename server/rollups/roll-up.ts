import { atomically } from '../../db/atomically.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { DirtyHourRow, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { nextDirty, unmark } from './dirty-hours.ts';
import { addResult, type Figures, noFigures, toRollup } from './figures.ts';
import { hourMs } from './hours.ts';
import { resultsBetween } from './results.ts';

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
    const sentinels = new Set(dirty.map((d) => d.sentinel_id));
    const rows = await recompute(trx, first, sentinels);
    for (const sentinel_id of sentinels) {
      await trx('rollups').where({ monitor_id: first.monitor_id, hour: first.hour, sentinel_id }).delete();
    }
    await insertAll(trx, 'rollups', rows);
    for (const mark of dirty) await unmark(trx, mark);
    return dirty.length;
  });
}

type Key = Pick<RollupRow, 'transaction_id' | 'sentinel_id' | 'location_id'>;

async function recompute(db: CustomerDb, of: DirtyHourRow, sentinels: ReadonlySet<string>): Promise<RollupRow[]> {
  const sums = new Map<string, { key: Key; figures: Figures }>();
  for (const result of await resultsBetween(db, of.monitor_id, of.hour, of.hour + hourMs)) {
    if (!sentinels.has(result.sentinelId)) continue;
    const { transactionId: transaction_id, sentinelId: sentinel_id, locationId: location_id } = result;
    const name = `${transaction_id} ${sentinel_id} ${location_id}`;
    const sum = sums.get(name) ?? { key: { transaction_id, sentinel_id, location_id }, figures: noFigures() };
    sums.set(name, sum);
    addResult(sum.figures, result);
  }
  const { monitor_id, hour } = of;
  return [...sums.values()].map(({ key, figures }) => ({ monitor_id, hour, ...key, ...toRollup(figures) }));
}
