import { maxRunsPerBatch } from '../protocol/messages.ts';

/** How many of the oldest runs go into a batch: fewer and fewer while one of them is looked for that the server can't take. */
export class Narrowing {
  /** So many of the oldest runs are known to hold the one. */
  #suspects = 0;
  #size = maxRunsPerBatch;

  get size(): number {
    return this.#size;
  }

  get isOn(): boolean {
    return this.#suspects > 0;
  }

  /** A batch of the `count` oldest runs was not taken. */
  failed(count: number): void {
    this.#suspects = count;
    this.#size = Math.ceil(count / 2);
  }

  /** The `count` oldest runs were taken: the one is among those that followed them. */
  passed(count: number): void {
    this.#suspects = Math.max(0, this.#suspects - count);
    this.#size = this.isOn ? Math.ceil(this.#suspects / 2) : maxRunsPerBatch;
  }

  /** The one is found, or there is none. */
  end(): void {
    this.#suspects = 0;
    this.#size = maxRunsPerBatch;
  }
}
