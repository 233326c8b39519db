import type { Choice, Why } from './choose.ts';
import type { Due } from './due.ts';

export interface Missed {
  due: Due;
  why: Why;
}

/** The times of the schedule that came and could not begin yet: one for each monitor, since the next takes its place. */
export class Queue {
  readonly #waiting = new Map<string, Missed>();

  /** Takes what is due; returns those that waited until the monitor's next time came, and now never begin. */
  take(overdue: readonly Due[]): Missed[] {
    return overdue.flatMap(({ assignment, dueAt }) => {
      const before = this.#waiting.get(assignment.monitorId);
      const isOnSchedule = before?.due.requestId === undefined; // who asked for a run now is served by the next one too
      return before && isOnSchedule && before.due.dueAt < dueAt ? [before] : [];
    });
  }

  /** Notes what waits now, and why. */
  keep(wait: Choice['wait']): void {
    this.#waiting.clear();
    for (const missed of wait) this.#waiting.set(missed.due.assignment.monitorId, missed);
  }

  waitsForRoom(): boolean {
    return [...this.#waiting.values()].some(({ why }) => why === 'room');
  }
}
