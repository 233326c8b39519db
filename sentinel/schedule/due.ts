import { type Assignment, Schedule } from '../protocol/messages.ts';
import { isPlain, lastDueAt, nextDueAt, shift } from '../protocol/schedule.ts';
import type { Passed } from './skips.ts';

export interface Due {
  assignment: Assignment;
  /** The time the schedule asked for, on this device's clock, ms; or when the server was asked to have it run now. */
  dueAt: number;
  /** Where somebody asked for this run: it has no place on the schedule. */
  requestId?: string;
  /** The request to run now that this time of the schedule answers too: it begins anyway. */
  answersRequest?: string;
  /** It is the trial of a draft, and belongs to no monitor. */
  trialId?: string;
  /** The monitor is new here and is not kept waiting: a time from before it was expected to run. */
  isBeyond?: true;
}

/** Up to when (ms) each time of a monitor's schedule was run or told as skipped, and by which schedule. */
export interface Settled {
  dueAt: number;
  /** As `scheduleText` writes it; empty where it is not known. */
  schedule: string;
  /** The monitor was not assigned since. */
  isGone?: true;
}

export interface Look {
  /** The latest time, if it is still to be run. One that missed several times, as after a sleep, is due once. */
  due: Due | undefined;
  /** What came before it and was not run. */
  passed: Passed[];
  /** Where the schedule is another than before, or new: up to when all is settled by this one. */
  settledTo: number | undefined;
}

/**
 * What of an assignment is due at `now` (ms). A plain interval that never ran is due at once; anything else begins with
 * its first time. `since`: from when its schedule holds, on this device's clock.
 */
export function lookAt(
  assignment: Assignment,
  settled: Settled | undefined,
  sentinelId: string,
  now: number,
  since = now,
): Look {
  const { schedule, monitorId } = assignment;
  const shiftMs = shiftOf(assignment, sentinelId);
  const latest = lastDueAt(schedule, shiftMs, now);
  const due = {
    assignment,
    dueAt: latest,
    ...(isBeyond(assignment, latest, since) ? { isBeyond: true as const } : {}),
  };
  if (settled?.isGone) return lookAgain(settled, due, now, nextDueAt(schedule, shiftMs, now));
  if (!settled && isPlain(schedule)) return { due, passed: [], settledTo: latest - 1 };
  if (!settled) return { due: undefined, passed: [], settledTo: now };
  const { before, after, isOther } = settledBy(assignment, settled, sentinelId, now, since);
  const wasSetBack = !isOther && after > nextDueAt(schedule, shiftMs, now); // waiting for it to catch up could take a year
  const settledTo = isOther ? after : undefined;
  if (wasSetBack) return { due, passed: [], settledTo };
  if (latest <= after) return { due: undefined, passed: before, settledTo };
  return { due, passed: [...before, { monitorId, schedule, shiftMs, after, before: latest }], settledTo };
}

/** What was assigned before, and now again, begins as what is new here, but with no time that it may have run then. */
function lookAgain({ dueAt }: Settled, due: Due, now: number, next: number): Look {
  const ranUpTo = dueAt > next ? Number.NEGATIVE_INFINITY : dueAt; // a clock that was set back
  if (isPlain(due.assignment.schedule) && due.dueAt > ranUpTo) return { due, passed: [], settledTo: due.dueAt - 1 };
  return { due: undefined, passed: [], settledTo: Math.max(now, ranUpTo) };
}

/** Whether a time is the last one from before the schedule held, as a server says that dates its schedules. */
function isBeyond({ schedule, scheduleSince }: Assignment, dueAt: number, since: number): boolean {
  return scheduleSince !== undefined && isPlain(schedule) && dueAt < since && since <= dueAt + schedule.everyMs;
}

/** When the next monitor will be due, ms; Infinity if there is none. */
export function nextDue(assignments: readonly Assignment[], sentinelId: string, now: number): number {
  return Math.min(...assignments.map((a) => nextDueAt(a.schedule, shiftOf(a, sentinelId), now)));
}

/** A schedule as it is remembered, to tell it from another. */
export function scheduleText({ everyMs, cron, hours, timeZone }: Schedule): string {
  return JSON.stringify({ everyMs, cron, hours, timeZone });
}

function shiftOf({ schedule, monitorId }: Pick<Assignment, 'schedule' | 'monitorId'>, sentinelId: string): number {
  return shift(schedule, monitorId, sentinelId);
}

/** Up to when the schedule of before holds, what of it passed by then, and from when on the present one counts. */
function settledBy(
  { monitorId, schedule }: Assignment,
  settled: Settled,
  sentinelId: string,
  now: number,
  since: number,
): { before: Passed[]; after: number; isOther: boolean } {
  if (settled.schedule === '' || settled.schedule === scheduleText(schedule)) {
    return { before: [], after: settled.dueAt, isOther: settled.schedule === '' };
  }
  const changedAt = Math.max(Math.min(since, now), Math.min(settled.dueAt, now) + 1);
  const old = readSchedule(settled.schedule);
  if (!old) return { before: [], after: changedAt - 1, isOther: true };
  const shiftMs = shiftOf({ schedule: old, monitorId }, sentinelId);
  const passed = { monitorId, schedule: old, shiftMs, after: settled.dueAt, before: changedAt };
  return { before: [passed], after: changedAt - 1, isOther: true };
}

/** A schedule that this version can't read any more is as good as none. */
function readSchedule(text: string): Schedule | undefined {
  try {
    return Schedule.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
