import { availableParallelism } from 'node:os';
import { type ProcessorTimes, processorTimes, shareInUse } from '../runner/host-facts.ts';

/** Shorter, and a page that waits for its server passes for an idle one; longer, and a short run is never seen. */
export const windowMs = 500;

/**
 * How many processors were idle just before. Each run that begins is taken off until it shows in the next look, so that
 * several don't begin on the same idle processor.
 */
export class IdleProcessors {
  readonly #look: () => ProcessorTimes;
  readonly #processors: number;
  #since: { at: number; times: ProcessorTimes } | undefined;
  #idle = 0;

  constructor(look = processorTimes, processors = availableParallelism()) {
    this.#look = look;
    this.#processors = processors;
  }

  /** At `now`, ms on a clock that never steps; 0 as long as nothing is known. */
  at(now: number): number {
    const passed = now - (this.#since?.at ?? Number.NEGATIVE_INFINITY);
    if (passed < windowMs) return this.#idle;
    const times = this.#look();
    const inUse = this.#since && passed <= 2 * windowMs ? shareInUse(this.#since.times, times) : 1;
    this.#since = { at: now, times };
    this.#idle = Math.floor((1 - inUse) * this.#processors);
    return this.#idle;
  }

  /** The next look is a whole window from here. */
  begun(now: number): void {
    this.#idle = Math.max(0, this.#idle - 1);
    this.#since = { at: now, times: this.#look() };
  }
}
