/** Time for a piece of work that may be done in several parts: what one part used is gone for the next. 0 is no limit. */
export interface Slot {
  timeoutMs: number;
  usedMs: number;
}

export function newSlot(timeoutMs: number): Slot {
  return { timeoutMs, usedMs: 0 };
}

/** A limit that the script set for a test, hook, fixture or step has passed. */
export class TimeOver extends Error {}

/** That of a step alone, which a script may catch: to Playwright an error like others. */
export class StepTimeOver extends TimeOver {
  override readonly name = 'TimeoutError';
}

interface Part {
  slot: Slot;
  what: string;
  began: number;
  over: PromiseWithResolvers<never>;
  timer: NodeJS.Timeout | undefined;
}

/** Keeps the times of one test. Work is timed part after part, against the test's own slot or another. */
export class Clock {
  readonly test: Slot;
  private readonly Over: typeof TimeOver;
  private part: Part | undefined;
  private isSlow = false;

  constructor(timeoutMs: number, Over = TimeOver) {
    this.test = newSlot(timeoutMs);
    this.Over = Over;
  }

  /** Does work within what is left of a slot; `what` names it in the error. The work isn't stopped, just no longer waited for. */
  async within<T>(slot: Slot, what: string, work: () => Promise<T>): Promise<T> {
    const part: Part = { slot, what, began: performance.now(), over: Promise.withResolvers(), timer: undefined };
    this.part = part;
    part.over.promise.catch(() => {}); // it may come when nobody waits any more
    this.arm(part);
    try {
      return await Promise.race([work(), part.over.promise]);
    } finally {
      clearTimeout(part.timer);
      slot.usedMs += performance.now() - part.began;
      this.part = undefined;
    }
  }

  /** Does what is no work of the test's: none of its time passes meanwhile. */
  async outside(work: () => Promise<void>): Promise<void> {
    const { part } = this;
    clearTimeout(part?.timer);
    const began = performance.now();
    await work();
    if (!part || part !== this.part) return;
    part.began += performance.now() - began;
    this.arm(part);
  }

  /** Whether a slot has nothing left, so that no more is begun in it. */
  isUsedUp(slot: Slot): boolean {
    return slot.timeoutMs > 0 && slot.usedMs >= slot.timeoutMs - 1;
  }

  /** Sets the time of what is under way, or of the test. */
  set(timeoutMs: number): void {
    (this.part?.slot ?? this.test).timeoutMs = timeoutMs;
    if (this.part) this.arm(this.part);
  }

  /** Three times the time, once. */
  slow(): void {
    if (this.isSlow) return;
    this.isSlow = true;
    this.set((this.part?.slot ?? this.test).timeoutMs * 3);
  }

  /** Ends the wait for what is under way. */
  interrupt(error: unknown): void {
    this.part?.over.reject(error);
  }

  /** When what is under way must have ended, on the clock of `performance.now()`. */
  deadline(): number {
    const { part } = this;
    const isLimited = part && part.slot.timeoutMs > 0;
    return isLimited ? part.began + part.slot.timeoutMs - part.slot.usedMs : Number.MAX_SAFE_INTEGER;
  }

  private arm(part: Part): void {
    clearTimeout(part.timer);
    if (part.slot.timeoutMs <= 0) return;
    const left = Math.min(this.deadline() - performance.now(), 2 ** 31 - 1);
    const end = () => part.over.reject(new this.Over(`${part.what} took longer than its ${part.slot.timeoutMs} ms`));
    part.timer = setTimeout(end, Math.max(0, left));
  }
}
