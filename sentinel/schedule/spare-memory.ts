import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So long nothing was to be done: a start or a run is truly over then. */
const quietMs = 8000;

/** Gives back to the system what a start or a run needed, once it is over and no run is due soon: V8 alone keeps it for long. */
export class SpareMemory {
  readonly #collect: (isFirst: boolean) => void;
  #isFirst = true;
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
    this.#collect(this.#isFirst);
    this.#isFirst = false;
  }
}

/** Asked for here and not on the command line: with that flag from the start Node compiles all of its own code anew. */
function collectAll(isFirst: boolean): void {
  setFlagsFromString('--expose-gc');
  const gc: NonNullable<typeof globalThis.gc> = runInNewContext('gc');
  if (isFirst) forgetCompiled(gc);
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** Most of what was compiled until the first rest ran at the start alone. What is needed after all is compiled again from its text. */
function forgetCompiled(gc: NonNullable<typeof globalThis.gc>): void {
  setFlagsFromString('--bytecode-old-age=1'); // V8's own is 6 collections without use
  gc({ type: 'major', execution: 'sync' });
  gc({ type: 'major', execution: 'sync' });
  setFlagsFromString('--bytecode-old-age=6');
}
