import type { RunRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** How far ahead of us (ms) a run may have started and still be taken for the latest: clocks are never quite equal. */
export const aheadMs = 60_000;

export type StripRow = Pick<
  RunRow,
  'id' | 'monitor_id' | 'sentinel_id' | 'location_id' | 'started_at' | 'outcome' | 'error_code'
>;

/** Runs of a monitor that count as of `now`, newest first; those of a clock that is far ahead wait for their time. */
export function newestRuns(db: CustomerDb, monitorId: string | readonly string[], now: number) {
  return db('runs')
    .whereIn('monitor_id', [monitorId].flat())
    .where({ counts: 1 })
    .where('started_at', '<=', now + aheadMs)
    .orderBy([
      { column: 'started_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .select<StripRow[]>('id', 'monitor_id', 'sentinel_id', 'location_id', 'started_at', 'outcome', 'error_code');
}
