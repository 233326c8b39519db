import type { RunRow } from '../../db/customer/rows.ts';
import { byStart, runsBetween, runsByStart } from '../../db/customer/runs-by-start.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** How far ahead of us (ms) a run may have started and still be taken for the latest: clocks are never quite equal. */
export const aheadMs = 60_000;

const columns = ['id', 'monitor_id', 'sentinel_id', 'location_id', 'started_at', 'outcome', 'error_code'] as const;
export type StripRow = Pick<RunRow, (typeof columns)[number]>;

/** Runs of a monitor that count as of `now`, newest first; those of a clock that is far ahead wait for their time. */
export async function newestRuns(
  db: CustomerDb,
  monitor_id: string,
  now: number,
  limit: number,
): Promise<readonly StripRow[]> {
  const until = now + aheadMs;
  const found = await runsByStart(
    db,
    (runs) => runs.where({ monitor_id, counts: 1 }).where('started_at', '<=', until),
    { order: 'desc', limit },
  );
  const keys = found.map(({ id }) => id);
  return db('runs')
    .whereIn('id', keys)
    .orderBy(byStart('desc'))
    .select<StripRow[]>(...columns);
}

/** The same of several monitors, from an instant on (ms). */
export function runsSince(
  db: CustomerDb,
  monitorIds: readonly string[],
  from: number,
  now: number,
): PromiseLike<StripRow[]> {
  const counting = runsBetween(db, monitorIds, { from, to: now + aheadMs + 1 }).where({ counts: 1 });
  return counting.orderBy(byStart('desc')).select<StripRow[]>(...columns);
}
