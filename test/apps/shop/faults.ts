import type { Fault, FaultKind, PageName } from './switches.ts';

/** Decides which request meets which fault. Remembers how often each user asked for each page since it was made. */
export class FaultPlan {
  readonly #faults: readonly Fault[];
  readonly #startedAt: number;
  readonly #counts = new Map<string, number>();

  constructor(faults: readonly Fault[], startedAt: number) {
    this.#faults = faults;
    this.#startedAt = startedAt;
  }

  /** Counts this request of `user` (empty before sign-in) at `now` (ms) and says what goes wrong with it, if anything. */
  next(page: PageName, user: string, now: number): FaultKind | undefined {
    const key = JSON.stringify([page, user]);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    const meant = this.#faults.filter((fault) => fault.page === page && (fault.user ?? user) === user);
    return meant.map((fault) => kindAt(fault, count, now - this.#startedAt)).find((kind) => kind !== undefined);
  }
}

function kindAt(fault: Fault, count: number, elapsedMs: number): FaultKind | undefined {
  if ('everyNth' in fault) {
    const index = (count - (fault.first ?? fault.everyNth)) / fault.everyNth;
    return index >= 0 && Number.isInteger(index) ? turn(fault, index) : undefined;
  }
  const phase = elapsedMs % fault.everyMs;
  return phase < fault.forMs ? turn(fault, Math.floor(elapsedMs / fault.everyMs)) : undefined;
}

function turn(fault: Fault, index: number): FaultKind | undefined {
  return fault.kind[index % fault.kind.length];
}
