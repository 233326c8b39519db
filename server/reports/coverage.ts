import type { MonitorRow, SentinelRow } from '../../db/customer/rows.ts';
import { expectedRuns, shift } from '../../sentinel/protocol/schedule.ts';
import type { Figures } from '../rollups/figures.ts';
import type { Counts, Period } from './shapes.ts';

/** How much later than its time-out a run may be here before it counts as missing: for starting and sending it. */
export const graceMs = 30_000;

type Schedule = Pick<MonitorRow, 'id' | 'every_ms' | 'timeout_ms' | 'paused' | 'created_at'>;
type Sentinel = Pick<SentinelRow, 'id' | 'enrolled_at' | 'revoked_at'>;

/** Until when (ms) every run of the monitor that was due should be here at `now`. */
export function settledUntil(monitor: Pick<Schedule, 'timeout_ms'>, now: number): number {
  return now - monitor.timeout_ms - graceMs;
}

/**
 * How many runs of the monitor were due in the period and should be here at `now`: on each of its sentinels, from its
 * enrolment and the monitor's making on. Reckoned with the present schedule; a paused monitor expects none.
 */
export function expectedBy(monitor: Schedule, sentinels: readonly Sentinel[], period: Period, now: number): number {
  if (monitor.paused) return 0;
  const everyMs = monitor.every_ms;
  const until = Math.min(period.to, settledUntil(monitor, now));
  const due = sentinels.map((sentinel) => {
    const from = Math.max(period.from, sentinel.enrolled_at, monitor.created_at);
    const to = Math.min(until, sentinel.revoked_at ?? until);
    return expectedRuns({ everyMs }, shift({ everyMs }, monitor.id, sentinel.id), from, to);
  });
  return due.reduce((sum, count) => sum + count, 0);
}

/**
 * Expected = done + skipped + lost, where done is passed, failed and errored. Runs beyond those expected (started by
 * hand, or by an earlier schedule) were evidently to be expected.
 */
export function countsOf(figures: Figures, expected: number): Counts {
  const { passed, failed, errored, skipped } = figures;
  const here = passed + failed + errored + skipped;
  const lost = Math.max(0, expected - here);
  return { expected: here + lost, passed, failed, errored, skipped, lost };
}

/** Done ÷ expected; null when nothing was expected. */
export function coverageOf({ expected, passed, failed, errored }: Counts): number | null {
  return expected === 0 ? null : (passed + failed + errored) / expected;
}
