import type { MonitorRow, OutcomeName } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { together } from '../rollups/together.ts';
import { aheadMs, runsSince } from './recent-runs.ts';
import type { Monitor, MonitorState } from './shapes.ts';
import { slowRuns } from './slow-runs.ts';
import { judgedRuns, judgedSince, recentSince, stateOf } from './state.ts';
import { troubleOf } from './trouble.ts';

export interface Standing extends Pick<Monitor, 'state' | 'since' | 'trouble'> {
  /** By id; of a location whose sentinels have nothing to tell by there is none. */
  byLocation: ReadonlyMap<string, MonitorState>;
}

/** How a monitor stands at `now` (ms), as a whole and at each location: its state, since when, and the trouble it is in. */
export async function standing(db: CustomerDb, row: MonitorRow, now: number): Promise<Standing> {
  const judged = await judgedOf(db, row, now);
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

/** Most sentinels' last run tells; only where one's doesn't, those before are read, which are five times as many. */
async function judgedOf(db: CustomerDb, row: MonitorRow, now: number) {
  const since = async (from: number) => {
    const runs = (await recentRuns(db, row.id, from, now)).get(row.id) ?? [];
    return runs.map((run) => ({ ...run, sentinelId: run.sentinel_id, startedAt: run.started_at }));
  };
  const latest = await since(judgedSince(row, now));
  const judged = judgedRuns(row, latest, now);
  const told = new Set(judged.map(({ sentinelId }) => sentinelId));
  if (latest.every(({ sentinelId }) => told.has(sentinelId))) return judged;
  return judgedRuns(row, await since(recentSince(row, now)), now);
}

/** Since when the state holds; null where the runs don't tell. Without data that is since the last run that told anything. */
async function sinceOf(db: CustomerDb, row: MonitorRow, state: MonitorState, now: number): Promise<number | null> {
  const marks = (await marksOf(db, row.id, now)).get(row.id);
  if (!marks) return null;
  if (state === 'noData') return Math.max(marks.failedAt ?? 0, marks.passedAt ?? 0) || null;
  return state === 'up' ? marks.passedSince : null;
}

const recentRuns = together(async (db, monitorIds: readonly string[], since: number, now: number) => {
  return Map.groupBy(await runsSince(db, monitorIds, since, now), (row) => row.monitor_id);
});

interface Marks {
  id: string;
  /** When the last run that failed started, and that passed. */
  failedAt: number | null;
  passedAt: number | null;
  /** When the first started that passed after the last that failed. */
  passedSince: number | null;
}

const marksOf = together(async (db, monitorIds: readonly string[], now: number) => {
  const of = (outcome: OutcomeName, which: 'min' | 'max') =>
    db('runs')
      .whereRaw('runs.monitor_id = m.id')
      .where({ outcome, counts: 1 })
      .where('started_at', '<=', now + aheadMs)
      [which]('started_at');
  const failed = of('failed', 'max');
  const rows: Marks[] = await db('monitors as m')
    .whereIn('m.id', monitorIds)
    .select('m.id', {
      failedAt: failed,
      passedAt: of('passed', 'max'),
      passedSince: of('passed', 'min').whereRaw('started_at > coalesce(?, -1)', [failed]),
    });
  return new Map(rows.map((row) => [row.id, row]));
});
