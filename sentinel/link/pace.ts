import { maxRunsPerBatch } from '../protocol/messages.ts';

/**
 * How many runs a batch may have for the line and the server to manage it in time: half as many after one that they did
 * not, and a little more after each that they did, so that most of what a slow line carries arrives.
 */
export class Pace {
  #size = maxRunsPerBatch;

  get size(): number {
    return this.#size;
  }

  /** A batch of `count` runs was not answered in time. */
  late(count: number): void {
    this.#size = Math.max(1, Math.floor(count / 2));
  }

  /** A batch of `count` runs was. */
  inTime(count: number): void {
    if (count >= this.#size) this.#size = Math.min(maxRunsPerBatch, this.#size + Math.ceil(this.#size / 8));
  }
}
