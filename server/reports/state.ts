import type { MonitorRow, OutcomeName } from '../../db/customer/rows.ts';
import { isPlain, lastDueAt, shift } from '../../sentinel/protocol/schedule.ts';
import { scheduleOf } from '../assignments/schedules.ts';
import { settledUntil } from '../rollups/coverage.ts';
import type { MonitorState } from './shapes.ts';

/** A recent run, as far as the monitor's state depends on it. */
export interface RecentRun {
  sentinelId: string;
  startedAt: number;
  outcome: OutcomeName;
}

/** How many runs back we look for one that passed or failed when the last ones were errored or skipped. */
const lookBack = 5;

/** By how much the clocks of sentinel and server may differ where runs are due at set times. */
const clockToleranceMs = 30_000;

type Watched = Pick<MonitorRow, 'id' | 'every_ms' | 'cron' | 'hours' | 'time_zone' | 'timeout_ms'>;

/** From when on (ms) runs are recent enough to tell the state. */
export function recentSince(monitor: Watched, now: number): number {
  const schedule = scheduleOf(monitor);
  let since = settledUntil(monitor, now);
  if (isPlain(schedule)) return since - lookBack * schedule.everyMs;
  for (let i = 0; i <= lookBack; i++) since = lastDueAt(schedule, 0, since - 1);
  return Math.max(0, since - clockToleranceMs);
}

/** Who has no run that began since then (ms) is not judged. Of a plain interval that is one; of others all that is recent. */
export function judgedSince(monitor: Watched, now: number): number {
  return isPlain(scheduleOf(monitor)) ? overdueBefore(monitor, '', now) : recentSince(monitor, now);
}

/** A sentinel whose last run began before (ms) has missed one: the latest that was due should be here. */
function overdueBefore(monitor: Watched, sentinelId: string, now: number): number {
  const schedule = scheduleOf(monitor);
  const settled = settledUntil(monitor, now);
  if (isPlain(schedule)) return settled - schedule.everyMs;
  return lastDueAt(schedule, shift(schedule, monitor.id, sentinelId), settled) - clockToleranceMs;
}

/**
 * The run of each sentinel that its state is judged by: the last that passed or failed. An errored or skipped one says
 * nothing of the application, so the one before holds, up to five runs back. A sentinel whose last run of any outcome is
 * overdue isn't judged: what it saw then says nothing of now.
 *
 * `runs` are the recent ones, newest first.
 */
export function judgedRuns<Run extends RecentRun>(monitor: Watched, runs: readonly Run[], now: number): Run[] {
  const bySentinel = Map.groupBy(runs, (run) => run.sentinelId);
  return [...bySentinel].flatMap(([sentinelId, own]) => {
    const overdue = overdueBefore(monitor, sentinelId, now);
    if (own.every((run) => run.startedAt < overdue)) return [];
    return own.find((run) => run.outcome === 'passed' || run.outcome === 'failed') ?? [];
  });
}

/**
 * The state that the judged runs make: the worst of any sentinel. No data is when no sentinel has any to tell by; where
 * some do, the gaps of the others show in coverage.
 */
export function stateOf(paused: boolean, judged: readonly { outcome: OutcomeName; slow: boolean }[]): MonitorState {
  if (paused) return 'paused';
  if (judged.length === 0) return 'noData';
  if (judged.some((run) => run.outcome === 'failed')) return 'failing';
  return judged.some((run) => run.slow) ? 'degraded' : 'up';
}
