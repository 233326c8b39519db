import type { MonitorRow, SentinelRow, SkipRow } from '../../db/customer/rows.ts';
import { expectedRuns, shift } from '../../sentinel/protocol/schedule.ts';
import type { Era } from '../assignments/schedules.ts';
import type { Counts, Period } from '../reports/shapes.ts';
import type { Figures } from './figures.ts';

/** How much later than its time-out a run may be here before it counts as missing: for starting and sending it. */
export const graceMs = 30_000;

type Sentinel = Pick<SentinelRow, 'id' | 'enrolled_at' | 'revoked_at'>;
type Skip = Pick<SkipRow, 'reason' | 'from_at' | 'to_at' | 'count'>;

/** Until when (ms) every run of the monitor that was due should be here at `now`. */
export function settledUntil({ timeout_ms }: Pick<MonitorRow, 'timeout_ms'>, now: number): number {
  return now - timeout_ms - graceMs;
}

/**
 * How many runs of the monitor were due at a sentinel in the period: from its enrolment and the monitor's making on, by
 * the schedule as it was then. A paused monitor expects none.
 */
export function expectedOf(
  { id, eras }: { id: string; eras: readonly Era[] },
  sentinel: Sentinel,
  period: Period,
): number {
  const from = Math.max(period.from, sentinel.enrolled_at);
  const to = Math.min(period.to, sentinel.revoked_at ?? period.to);
  return eras.reduce((sum, { from: begin, schedule, paused }, i) => {
    const [first, end] = [Math.max(from, begin), Math.min(to, eras[i + 1]?.from ?? to)];
    if (paused || end <= first) return sum; // before the shift is reckoned, of each of thousands of eras
    return sum + expectedRuns(schedule, shift(schedule, id, sentinel.id), first, end);
  }, 0);
}

/** What is known of one sentinel's share in a monitor's period. */
export interface Share {
  expected: number;
  /** Runs that count, whatever their outcome. */
  here: number;
  /** Runs told as skipped that were none, by reason. */
  skips: ReadonlyMap<string, number>;
}

/**
 * How many of a span's times lie in the period: as many as were expected there, since a sentinel also tells of times before
 * it heard of a pause or another schedule, and what was not expected must explain no gap. The span's ends went by the
 * sentinel's clock, which is never quite the server's: they mean the times within `nearMs`.
 */
export function skipsIn(
  { from_at, to_at, count }: Skip,
  period: Period,
  expectedIn: (part: Period) => number,
  nearMs: number,
): number {
  const [from, to] = [Math.floor(from_at - nearMs), Math.ceil(to_at + nearMs)];
  return Math.min(count, expectedIn({ from: Math.max(from, period.from), to: Math.min(to, period.to) }));
}

/** How far (ms) from the ends of a span of skips its times may lie: half of the shortest interval there ever was. */
export function nearMsOf(eras: readonly Era[]): number {
  return Math.min(...eras.map(({ schedule }) => schedule.everyMs)) / 2;
}

/** What is missing: told as skipped, by reason, or lost. */
export interface Gaps {
  told: ReadonlyMap<string, number>;
  lost: number;
}

/**
 * The gaps of each sentinel by itself, added up: what one does beyond its schedule hides no gap of another. A sentinel's
 * word for a skip goes as far as something is missing.
 */
export function gapsOf(shares: Iterable<Share>): Gaps {
  const told = new Map<string, number>();
  let lost = 0;
  for (const { expected, here, skips } of shares) {
    let missing = Math.max(0, expected - here);
    for (const [reason, count] of inOrder(skips)) {
      const believed = Math.min(missing, count);
      if (believed > 0) told.set(reason, (told.get(reason) ?? 0) + believed);
      missing -= believed;
    }
    lost += missing;
  }
  return { told, lost };
}

/** Of several reasons the first in the alphabet is believed first, whenever each was told: a rebuild is to give the same. */
function inOrder(skips: ReadonlyMap<string, number>): Iterable<[string, number]> {
  return skips.size < 2 ? skips : [...skips].sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Expected = done + skipped + lost, where done is passed, failed and errored. Runs beyond those expected (by an earlier
 * schedule, say) were evidently to be expected. Runs that came and were skipped say why themselves: their reason is `run`.
 */
export function countsOf({ passed, failed, errored, skipped: outcomes }: Figures, { told, lost }: Gaps): Counts {
  const skipped = [...told.values()].reduce((a, b) => a + b, outcomes);
  const expected = passed + failed + errored + skipped + lost;
  const skippedBy = { ...Object.fromEntries(told), ...(outcomes > 0 && { run: outcomes + (told.get('run') ?? 0) }) };
  return { expected, passed, failed, errored, skipped, skippedBy, lost };
}

/** Done ÷ expected; null when nothing was expected. */
export function coverageOf({ expected, passed, failed, errored }: Counts): number | null {
  return expected === 0 ? null : (passed + failed + errored) / expected;
}
