import type { RunRow } from '../../db/customer/rows.ts';
import { outcomes, runsByStart } from '../../db/customer/runs-by-start.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** How far ahead of us (ms) a run may have started and still be taken for the latest: clocks are never quite equal. */
export const aheadMs = 60_000;

const columns = ['id', 'monitor_id', 'sentinel_id', 'location_id', 'started_at', 'outcome', 'error_code'] as const;
export type StripRow = Pick<RunRow, (typeof columns)[number]>;

/** Runs of a monitor that count as of `now`, newest first; those of a clock that is far ahead wait for their time. */
export function newestRuns(db: CustomerDb, monitor_id: string, now: number, limit: number): Promise<StripRow[]> {
  const which = (runs: ReturnType<CustomerDb>) => counting(runs, now).where({ monitor_id });
  return runsByStart(db, which, { order: 'desc', limit, columns });
}

/** The same of several monitors, from an instant on (ms). */
export function runsSince(
  db: CustomerDb,
  monitorIds: readonly string[],
  from: number,
  now: number,
): PromiseLike<StripRow[]> {
  return counting(db('runs'), now)
    .whereIn('monitor_id', monitorIds)
    .whereIn('outcome', outcomes)
    .where('started_at', '>=', from)
    .orderBy([
      { column: 'started_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .select<StripRow[]>(...columns);
}

function counting(runs: ReturnType<CustomerDb>, now: number) {
  return runs.where({ counts: 1 }).where('started_at', '<=', now + aheadMs);
}
