import { createHash } from 'node:crypto';

/** Lines of the history that are kept to be shown. */
const shown = 60;

/** A promise of the product was broken in a simulation. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** What happened in a simulated world: its hash tells whether two histories are one, the counts what was reached. */
export class History {
  readonly counts = new Map<string, number>();
  readonly #hash = createHash('sha256');
  readonly #tail: string[] = [];
  readonly #elapsedMs: () => number;
  events = 0;
  #isOver = false;

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** What happens from now on is no part of it. */
  end(): void {
    this.#isOver = true;
  }

  /** Writes down what happened; `reached` counts it under that name. */
  tell(who: string, what: string, reached?: string): void {
    if (this.#isOver) return;
    const line = `${(this.#elapsedMs() / 1000).toFixed(3).padStart(10)} s  ${who.padEnd(8)} ${what}`;
    this.#hash.update(`${line}\n`);
    this.events++;
    this.#tail.push(line);
    if (this.#tail.length > 2 * shown) this.#tail.splice(0, shown);
    if (reached !== undefined) this.reach(reached);
  }

  reach(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  get tail(): readonly string[] {
    return this.#tail.slice(-shown);
  }

  hash(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}
