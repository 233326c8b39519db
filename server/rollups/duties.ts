import type { MonitorRow, RequestedRunRow, RunRow, SkipRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Period } from '../reports/shapes.ts';
import { expectedOf, graceMs, skipsIn } from './coverage.ts';
import type { Watched, WatchingSentinel } from './watched.ts';

/** What was asked of one sentinel in a period. */
export interface Duty {
  /** By the schedule; runs that are here before they are overdue were evidently expected. */
  expected: number;
  /** By somebody. */
  requested: number;
  /** Times of the schedule that it told as skipped, by reason. */
  skips: Map<string, number>;
}

type Start = Pick<RunRow, 'sentinel_id' | 'started_at'>;

/**
 * What was asked of sentinels in parts of `span`. Up to `settled` (ms) all runs that were due should be here; of what was
 * due later, only those that are here already are expected.
 */
export async function dutiesIn(
  db: CustomerDb,
  { monitor, eras }: Watched,
  span: Period,
  settled: number,
): Promise<(sentinel: WatchingSentinel, part: Period) => Duty> {
  const early = bySentinel(await earlyRuns(db, monitor, span, settled));
  const requested = bySentinel(await requestedRuns(db, monitor.id, span));
  const skips = Map.groupBy(await skipsBetween(db, monitor.id, span), (row) => row.sentinel_id);
  const nearMs = Math.min(...eras.map(({ schedule }) => schedule.everyMs)) / 2;
  return (sentinel, part) => {
    const expectedIn = (period: Period) =>
      sentinel.assigned ? expectedOf({ id: monitor.id, eras }, sentinel, period) : 0;
    const told = new Map<string, number>();
    for (const skip of skips.get(sentinel.id) ?? []) {
      const count = skipsIn(skip, part, expectedIn, nearMs);
      if (count > 0) told.set(skip.reason, (told.get(skip.reason) ?? 0) + count);
    }
    const due = expectedIn({ from: part.from, to: Math.min(part.to, settled) });
    const expected = due + startedIn(early.get(sentinel.id), part);
    return { expected, requested: startedIn(requested.get(sentinel.id), part), skips: told };
  };
}

function bySentinel(starts: readonly Start[]): Map<string, Start[]> {
  return Map.groupBy(starts, (start) => start.sentinel_id);
}

function startedIn(starts: readonly Start[] = [], { from, to }: Period): number {
  return starts.filter(({ started_at }) => started_at >= from && started_at < to).length;
}

function skipsBetween(db: CustomerDb, monitorId: string, { from, to }: Period): Promise<SkipRow[]> {
  return db<SkipRow>('skips').where({ monitor_id: monitorId }).where('to_at', '>=', from).where('from_at', '<', to);
}

/** Runs that are here already though they are not overdue yet. */
async function earlyRuns(db: CustomerDb, monitor: MonitorRow, { from, to }: Period, settled: number): Promise<Start[]> {
  if (settled >= to) return [];
  const requested = db('requested_runs as asked')
    .where('asked.monitor_id', monitor.id)
    .where('asked.started_at', '>=', settled - monitor.timeout_ms - graceMs) // a confirming run follows the one it names
    .whereRaw('(asked.run_id = runs.id or asked.run_id = runs.retry_of)');
  return db('runs')
    .where({ monitor_id: monitor.id, counts: 1 })
    .where('started_at', '>=', Math.max(from, settled))
    .where('started_at', '<', to)
    .whereRaw('due_at + coalesce(clock_offset_ms, 0) >= ?', [settled])
    .whereNotExists(requested)
    .select('sentinel_id', 'started_at');
}

function requestedRuns(db: CustomerDb, monitorId: string, { from, to }: Period): Promise<Start[]> {
  return db<RequestedRunRow>('requested_runs')
    .where({ monitor_id: monitorId })
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .select('sentinel_id', 'started_at');
}
