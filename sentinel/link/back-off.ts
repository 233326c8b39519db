const shortestMs = 1000;
const longestMs = 5 * 60_000;

/**
 * How long to wait before asking again, for ever: anything between a second and a ceiling that doubles with each try (2 s,
 * 4 s … 5 min), so that sentinels that lost their server at the same instant don't come back at the same instant.
 */
export class BackOff {
  #tries = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The next wait in ms, between 1 s and 5 min; never shorter than what the server asked for. */
  next(askedMs = 0): number {
    this.#tries = Math.min(this.#tries + 1, 30);
    const ceiling = Math.min(longestMs, shortestMs * 2 ** this.#tries);
    // What the server asked for is the same for all who asked, so the jitter comes on top.
    return Math.max(shortestMs, askedMs) + this.#random() * (ceiling - shortestMs);
  }

  reset(): void {
    this.#tries = 0;
  }
}
