import type { Schedule, Skip } from '../protocol/messages.ts';
import { expectedRuns, lastDueAt, nextDueAt } from '../protocol/schedule.ts';
import type { SkipReason } from '../protocol/skip-reasons.ts';
import type { Absence } from './absences.ts';

/** Times of a schedule that came after `after` and before `before` (ms), of which none was run. */
export interface Passed {
  monitorId: string;
  schedule: Schedule;
  shiftMs: number;
  after: number;
  before: number;
}

/** What lies longer back is not told: a clock was wrong then, or nobody asks any more. */
const longestMs = 400 * 86_400_000;

/** The times that passed, as spans: each for the reason of the absence it fell into, else for `otherwise`. */
export function skipsOf(passed: Passed, absences: readonly Absence[], otherwise: SkipReason): Skip[] {
  const begin = Math.max(passed.after + 1, passed.before - longestMs);
  const parts: { from: number; to: number; reason: SkipReason | undefined }[] = [];
  let from = begin;
  for (const absence of [...absences].sort((a, b) => a.from - b.from)) {
    const [begins, ends] = [Math.max(from, absence.from), Math.min(absence.to, passed.before)];
    if (ends <= begins) continue;
    parts.push({ from, to: begins, reason: otherwise }, { from: begins, to: ends, reason: absence.reason });
    from = ends;
  }
  parts.push({ from, to: passed.before, reason: otherwise });
  return parts.flatMap(({ reason, ...part }) => (reason === undefined ? [] : span(passed, reason, part.from, part.to)));
}

function span({ monitorId, schedule, shiftMs }: Passed, reason: SkipReason, from: number, to: number): Skip[] {
  const count = expectedRuns(schedule, shiftMs, from, to);
  if (count === 0) return [];
  const [first, last] = [nextDueAt(schedule, shiftMs, from - 1), lastDueAt(schedule, shiftMs, to - 1)];
  return [{ monitorId, reason, from: first, to: last, count }];
}
