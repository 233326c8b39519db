import { type Assignment, runNowForMs, type Skip } from '../protocol/messages.ts';
import type { SkipReason } from '../protocol/skip-reasons.ts';
import type { Memory } from '../spool/memory.ts';
import type { Absences } from './absences.ts';
import type { MayRun } from './allowed.ts';
import type { Why } from './choose.ts';
import { type Due, type Look, lookAt, scheduleText } from './due.ts';
import { skipsOf } from './skips.ts';

export interface SlotKeeperSettings {
  sentinelId: string;
  memory: Memory;
  absences: Pick<Absences, 'list'>;
  mayRun?: MayRun;
  /** When this sentinel came into being, ms on its clock: nothing is expected of it before. */
  enrolledAt?: number;
  /** Server's clock minus this device's, ms. */
  clockOffsetMs(): number | undefined;
}

/**
 * Sees to it that each time of a schedule is either run or told as skipped, once, over restarts too: the sum of both is
 * what the server expects.
 */
export class SlotKeeper {
  readonly #settings: SlotKeeperSettings;

  constructor(settings: SlotKeeperSettings) {
    this.#settings = settings;
  }

  /** What is due at `now` (ms), longest overdue first; what somebody asked for goes before. */
  due(assignments: readonly Assignment[], now: number): Due[] {
    const { memory, clockOffsetMs } = this.#settings;
    const [settled, honoured, offset] = [memory.settled(), memory.honoured(), clockOffsetMs() ?? 0];
    const asked = (assignment: Assignment) => {
      const isHonoured = honoured.get(assignment.monitorId) === assignment.runNow?.requestId;
      return isHonoured ? undefined : this.#asked(assignment, now, offset);
    };
    const overdueBy = ({ assignment, requestId }: Due) =>
      requestId === undefined ? now - (settled.get(assignment.monitorId)?.dueAt ?? 0) : Number.MAX_SAFE_INTEGER;
    return this.#looks(assignments, now)
      .flatMap(({ assignment, look }) => {
        const request = asked(assignment);
        if (!look.due || !request) return look.due ?? request ?? [];
        return { ...look.due, answersRequest: request.requestId };
      })
      .sort((a, b) => overdueBy(b) - overdueBy(a));
  }

  /** Writes down what passed without a run, and what may not run now; returns what is due then. */
  settle(assignments: readonly Assignment[], now: number): Due[] {
    for (const { assignment, look } of this.#looks(assignments, now)) this.#settleOne(assignment, look, now);
    return this.due(assignments, now);
  }

  /** Written before a run starts. */
  begun({ assignment, dueAt, requestId, answersRequest }: Due): void {
    const { memory } = this.#settings;
    const { monitorId, runNow, schedule } = assignment;
    const answered = requestId ?? answersRequest;
    if (runNow) memory.honour(monitorId, runNow.requestId, answered === undefined ? undefined : dueAt);
    if (requestId === undefined) memory.begun(monitorId, dueAt, scheduleText(schedule));
  }

  /** A time that waited until the next one came, and never begins; of what waited for its script nobody else tells. */
  missed({ assignment: { monitorId, schedule }, dueAt, isBeyond }: Due, why: Why): void {
    const span: Skip = { monitorId, reason: 'script', from: dueAt, to: dueAt, count: 1 };
    const isTold = why === 'script' && !isBeyond;
    this.#settings.memory.skipped(monitorId, dueAt, scheduleText(schedule), isTold ? [span] : []);
  }

  #settleOne(assignment: Assignment, { due, passed, settledTo }: Look, now: number): void {
    const { memory, absences, mayRun } = this.#settings;
    const { monitorId, schedule } = assignment;
    const hindrance = mayRun?.(assignment, now);
    const otherwise: SkipReason = hindrance ?? 'overload';
    const skips = passed.flatMap((part) => skipsOf(part, absences.list(), otherwise));
    const hindered = hindrance === undefined ? undefined : due;
    // Told, a time that nobody expects would pass for another one that is lost.
    if (hindered && !hindered.isBeyond)
      skips.push({ monitorId, reason: otherwise, from: hindered.dueAt, to: hindered.dueAt, count: 1 });
    if (skips.length === 0 && settledTo === undefined && !hindered) return;
    const upTo = hindered ? hindered.dueAt : due && passed.length > 0 ? due.dueAt - 1 : settledTo;
    if (upTo !== undefined) memory.skipped(monitorId, upTo, scheduleText(schedule), skips);
  }

  #looks(assignments: readonly Assignment[], now: number): { assignment: Assignment; look: Look }[] {
    const { memory, sentinelId, clockOffsetMs, enrolledAt = Number.NEGATIVE_INFINITY } = this.#settings;
    const settled = memory.settled();
    const offset = clockOffsetMs() ?? 0;
    return assignments.map((assignment) => {
      const { scheduleSince } = assignment;
      const since = scheduleSince === undefined ? now : Math.max(scheduleSince - offset, enrolledAt);
      return { assignment, look: lookAt(assignment, settled.get(assignment.monitorId), sentinelId, now, since) };
    });
  }

  /** What somebody asked for waits as long as it may not run. */
  #asked(assignment: Assignment, now: number, offset: number): (Due & { requestId: string }) | undefined {
    const { runNow } = assignment;
    if (!runNow || now + offset - runNow.at > runNowForMs || this.#settings.mayRun?.(assignment, now)) return undefined;
    return { assignment, dueAt: runNow.at - offset, requestId: runNow.requestId };
  }
}
