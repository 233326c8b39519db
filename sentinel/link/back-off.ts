const firstMs = 1000;
const longestMs = 5 * 60_000;

/** How long to wait before asking again: exponential with full jitter, so that many sentinels make no waves. */
export class BackOff {
  #tries = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The next wait in ms, between 1 s and 5 min; never shorter than what the server asked for. */
  next(askedMs = 0): number {
    const ceiling = Math.min(longestMs, firstMs * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 30);
    const jitter = this.#random() * ceiling;
    // What the server asked for is the same for all who asked, so the jitter comes on top.
    return askedMs > 0 ? askedMs + jitter : Math.max(firstMs, jitter);
  }

  reset(): void {
    this.#tries = 0;
  }
}
