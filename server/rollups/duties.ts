import type { RequestedRunRow, RunRow, SkipRow } from '../../db/customer/rows.ts';
import { runsBetween } from '../../db/customer/runs-by-start.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { assignedPeriods, assignmentEras } from '../assignments/assignment-eras.ts';
import type { Period } from '../reports/shapes.ts';
import { expectedOf, graceMs, nearMsOf, skipsIn } from './coverage.ts';
import { together } from './together.ts';
import type { Watched, WatchingSentinel } from './watched.ts';

/** What was asked of one sentinel in a period. */
export interface Duty {
  /** By schedule and assignments; runs that are here before they are overdue were evidently expected. */
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
  const { from, to } = span;
  const { id, timeout_ms } = monitor;
  const nearMs = nearMsOf(eras);
  // At once: of many monitors each is asked together with those of the others.
  const [runsEarly = [], runsRequested = [], skipsTold = [], assigned] = await Promise.all([
    settled < to ? earlyRuns(db, id, from, to, settled, timeout_ms).then((found) => found.get(id)) : [],
    requestedRuns(db, id, from, to).then((found) => found.get(id)),
    skipsBetween(db, id, from - nearMs, to + nearMs).then((found) => found.get(id)),
    assignmentEras(db, id, span).then(assignedPeriods),
  ]);
  const [early, requested] = [bySentinel(runsEarly), bySentinel(runsRequested)];
  const skips = Map.groupBy(skipsTold, (row) => row.sentinel_id);
  return (sentinel, part) => {
    const held = assigned(sentinel.id);
    const expectedIn = (period: Period) =>
      held.reduce((sum, era) => sum + expectedOf({ id, eras }, sentinel, common(era, period)), 0);
    const told = new Map<string, number>();
    for (const skip of skips.get(sentinel.id) ?? []) {
      if (skip.to_at + nearMs < part.from || skip.from_at - nearMs >= part.to) continue;
      const count = skipsIn(skip, part, expectedIn, nearMs);
      if (count > 0) told.set(skip.reason, (told.get(skip.reason) ?? 0) + count);
    }
    const due = expectedIn({ from: part.from, to: Math.min(part.to, settled) });
    const expected = due + startedIn(early.get(sentinel.id), part);
    return { expected, requested: startedIn(requested.get(sentinel.id), part), skips: told };
  };
}

/** What lies in both; ends before it begins where nothing does. */
function common(one: Period, other: Period): Period {
  return { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
}

function bySentinel(starts: readonly Start[]): Map<string, Start[]> {
  return Map.groupBy(starts, (start) => start.sentinel_id);
}

function startedIn(starts: readonly Start[] = [], { from, to }: Period): number {
  return starts.filter(({ started_at }) => started_at >= from && started_at < to).length;
}

type Told = Start & { monitor_id: string };

const skipsBetween = together(async (db, monitorIds: readonly string[], from: number, to: number) => {
  const rows: SkipRow[] = await db<SkipRow>('skips')
    .whereIn('monitor_id', monitorIds)
    .where('to_at', '>=', from)
    .where('from_at', '<', to);
  return Map.groupBy(rows, (row) => row.monitor_id);
});

/** Runs that are here already though they are not overdue yet. */
const earlyRuns = together(
  async (db, monitorIds: readonly string[], from: number, to: number, settled: number, timeoutMs: number) => {
    const requested = db('requested_runs as asked')
      .whereRaw('asked.monitor_id = runs.monitor_id')
      .where('asked.started_at', '>=', settled - timeoutMs - graceMs) // a confirming run follows the one it names
      .whereRaw('(asked.run_id = runs.id or asked.run_id = runs.retry_of)');
    const rows: Told[] = await runsBetween(db, monitorIds, { from: Math.max(from, settled), to })
      .where({ counts: 1 })
      .whereRaw('due_at + coalesce(clock_offset_ms, 0) >= ?', [settled])
      .whereNotExists(requested)
      .select('monitor_id', 'sentinel_id', 'started_at');
    return Map.groupBy(rows, (row) => row.monitor_id);
  },
);

const requestedRuns = together(async (db, monitorIds: readonly string[], from: number, to: number) => {
  const rows: Told[] = await db<RequestedRunRow>('requested_runs')
    .whereIn('monitor_id', monitorIds)
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .select('monitor_id', 'sentinel_id', 'started_at');
  return Map.groupBy(rows, (row) => row.monitor_id);
});
