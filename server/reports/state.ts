import type { MonitorRow, OutcomeName } from '../../db/customer/rows.ts';
import { graceMs } from './coverage.ts';
import type { MonitorState } from './shapes.ts';

/** A recent run, as far as the monitor's state depends on it. */
export interface RecentRun {
  sentinelId: string;
  startedAt: number;
  outcome: OutcomeName;
}

/** How many runs back we look for one that passed or failed when the last ones were errored or skipped. */
const lookBack = 5;

/** From when on (ms) runs are recent enough to tell the state. */
export function recentSince(monitor: Pick<MonitorRow, 'every_ms' | 'timeout_ms'>, now: number): number {
  return now - lookBack * monitor.every_ms - monitor.timeout_ms - graceMs;
}

/**
 * The run of each sentinel that its state is judged by: the last that passed or failed. An errored or skipped one says
 * nothing of the application, so the one before holds, up to five runs back. A sentinel whose last run of any outcome is
 * overdue isn't judged: what it saw then says nothing of now.
 *
 * `runs` are the recent ones, newest first.
 */
export function judgedRuns<Run extends RecentRun>(
  monitor: Pick<MonitorRow, 'every_ms' | 'timeout_ms'>,
  runs: readonly Run[],
  now: number,
): Run[] {
  const overdue = now - monitor.every_ms - monitor.timeout_ms - graceMs;
  const bySentinel = Map.groupBy(runs, (run) => run.sentinelId);
  return [...bySentinel.values()].flatMap((own) => {
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
