import type { Assignment } from '../protocol/messages.ts';
import type { SkipReason } from '../protocol/skip-reasons.ts';

/**
 * Asked when a run of the assignment is due, at `now` (ms since 1970): may it begin? Undefined: yes; else why not. Times
 * that come while it may not are told to the server as skipped for that reason, and not caught up.
 */
export type MayRun = (assignment: Assignment, now: number) => Extract<SkipReason, 'paused' | 'hours'> | undefined;
