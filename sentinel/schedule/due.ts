import type { Assignment } from '../protocol/messages.ts';
import { lastDueAt, shift } from '../protocol/schedule.ts';

export interface Due {
  assignment: Assignment;
  /** The time the schedule asked for, ms. */
  dueAt: number;
}

/**
 * The monitors due at `now` (ms), longest overdue first. A monitor that never ran is due before all others; one that missed several times,
 * as after a sleep, is due once. `lastDue` holds the due time of each one's last run.
 */
export function due(
  assignments: readonly Assignment[],
  lastDue: ReadonlyMap<string, number>,
  sentinelId: string,
  now: number,
): Due[] {
  const overdueBy = ({ assignment }: Due) => now - (lastDue.get(assignment.monitorId) ?? 0);
  return assignments
    .map((assignment) => ({ assignment, dueAt: latestSlot(assignment, sentinelId, now) }))
    .filter(({ assignment, dueAt }) =>
      isNew(dueAt, lastDue.get(assignment.monitorId), assignment.schedule.everyMs, now),
    )
    .sort((a, b) => overdueBy(b) - overdueBy(a));
}

/** When the next monitor will be due, ms; Infinity if there is none. */
export function nextDueAt(assignments: readonly Assignment[], sentinelId: string, now: number): number {
  return Math.min(...assignments.map((a) => latestSlot(a, sentinelId, now) + a.schedule.everyMs));
}

function latestSlot({ schedule, monitorId }: Assignment, sentinelId: string, now: number): number {
  return lastDueAt(schedule, shift(schedule.everyMs, monitorId, sentinelId), now);
}

function isNew(dueAt: number, last: number | undefined, everyMs: number, now: number): boolean {
  if (last === undefined || dueAt > last) return true;
  return last > now + everyMs; // the clock was set back since: waiting for it to catch up could take a year
}
