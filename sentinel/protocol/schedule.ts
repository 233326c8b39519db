import type { Schedule } from './messages.ts';

/*
 * Runs of a monitor on a sentinel fall on a fixed grid: `everyMs` apart, shifted by an amount that depends on both ids.
 * So a common start makes no herd, and the server can count the runs it should have seen without being told.
 */

/** Shift of the grid in ms, from 0 up to `everyMs`: FNV-1a over both ids, which spreads ids that differ by little. */
export function shift(everyMs: number, monitorId: string, sentinelId: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${monitorId}/${sentinelId}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return Math.floor((hash / 2 ** 32) * everyMs);
}

/** The latest time on the grid that is not after `now` (ms). */
export function lastDueAt(schedule: Schedule, shiftMs: number, now: number): number {
  return Math.floor((now - shiftMs) / schedule.everyMs) * schedule.everyMs + shiftMs;
}

/** How many times of the grid lie in [from, to). */
export function expectedRuns(schedule: Schedule, shiftMs: number, from: number, to: number): number {
  const before = (t: number) => Math.ceil((t - shiftMs) / schedule.everyMs);
  return Math.max(0, before(to) - before(from));
}
