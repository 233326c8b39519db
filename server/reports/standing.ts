import type { MonitorRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { lastWith, newestRuns } from './recent-runs.ts';
import type { Monitor, MonitorState } from './shapes.ts';
import { slowRuns } from './slow-runs.ts';
import { judgedRuns, recentSince, stateOf } from './state.ts';
import { troubleOf } from './trouble.ts';

export interface Standing extends Pick<Monitor, 'state' | 'since' | 'trouble'> {
  /** By id; of a location whose sentinels have nothing to tell by there is none. */
  byLocation: ReadonlyMap<string, MonitorState>;
}

/** How a monitor stands at `now` (ms), as a whole and at each location: its state, since when, and the trouble it is in. */
export async function standing(db: CustomerDb, row: MonitorRow, now: number): Promise<Standing> {
  const recent = await newestRuns(db, row.id, now).where('started_at', '>=', recentSince(row, now));
  const judged = judgedRuns(
    row,
    recent.map((run) => ({ ...run, sentinelId: run.sentinel_id, startedAt: run.started_at })),
    now,
  );
  const slow = await slowRuns(db, row, judged);
  const stateBy = (runs: typeof judged) =>
    stateOf(
      row.paused !== 0,
      runs.map((run) => ({ outcome: run.outcome, slow: slow.has(run) })),
    );
  const state = stateBy(judged);
  const [first, ...others] = judged.filter((run) => run.outcome === 'failed');
  const trouble = state === 'failing' && first ? await troubleOf(db, row.id, [first, ...others], now) : null;
  const since = trouble?.since ?? (await sinceOf(db, row, state, now));
  const places = Map.groupBy(judged, (run) => run.location_id);
  return { state, since, trouble, byLocation: new Map([...places].map(([id, runs]) => [id, stateBy(runs)])) };
}

/** Since when the state holds; null where the runs don't tell. Without data that is since the last run that told anything. */
async function sinceOf(db: CustomerDb, row: MonitorRow, state: MonitorState, now: number): Promise<number | null> {
  const failedAt = await lastWith(db, row.id, 'failed', now);
  if (state === 'noData') {
    const passedAt = await lastWith(db, row.id, 'passed', now);
    return failedAt === undefined ? (passedAt ?? null) : Math.max(failedAt, passedAt ?? failedAt);
  }
  if (state !== 'up') return null;
  const query = db('runs').where({ monitor_id: row.id, outcome: 'passed', counts: 1 }).orderBy('started_at');
  if (failedAt !== undefined) query.where('started_at', '>', failedAt);
  const first: { started_at: number } | undefined = await query.first('started_at');
  return first?.started_at ?? null;
}
