import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So long nothing was to be done: a start or a run is truly over then. */
const quietMs = 8000;

/** Gives back to the system what a start or a run needed, once it is over and no run is due soon: V8 alone keeps it for long. */
export class SpareMemory {
  readonly #collect: () => void;
  #quietSince: number | undefined;
  #isGiven = false;

  constructor(collect = collectAll) {
    this.#collect = collect;
  }

  /** Called at each turn; `now` is ms on a clock that never steps. */
  turn(isIdle: boolean, now = performance.now()): void {
    if (!isIdle) this.#isGiven = false;
    this.#quietSince = isIdle ? (this.#quietSince ?? now) : undefined;
    if (this.#isGiven || this.#quietSince === undefined || now - this.#quietSince < quietMs) return;
    this.#isGiven = true;
    this.#collect();
  }
}

/** Asked for here and not on the command line: with that flag from the start Node compiles all of its own code anew. */
function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const gc: NonNullable<typeof globalThis.gc> = runInNewContext('gc');
  setFlagsFromString('--bytecode-old-age=1');
  // What was not executed between two collections goes too, and is compiled again from its text when it is: most ran at the start.
  gc({ type: 'major', execution: 'sync' });
  gc({ type: 'major', execution: 'sync' });
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
