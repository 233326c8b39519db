/** Turns in a row in which nothing was to be done: a start or a run is truly over then. */
const quietTurns = 2;

/**
 * Gives back to the system what a start or a run needed, once it is over and no run is due soon: V8 alone keeps it for
 * long. Does nothing in a program that was not started with `--expose-gc`, as an installed sentinel is.
 */
export class SpareMemory {
  #quiet = 0;

  turn(isIdle: boolean): void {
    this.#quiet = isIdle ? this.#quiet + 1 : 0;
    if (this.#quiet === quietTurns) globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }
}
