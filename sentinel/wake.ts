/** A bell between two loops: who waits goes on when it rings. A ring that nobody hears counts for the next wait. */
export class Wake {
  #rung = false;
  #waiting: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#waiting?.();
  }

  /** Returns after a ring, after `ms`, or when `signal` aborts, whichever comes first. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) await this.#next(ms, signal);
    this.#rung = false;
  }

  #next(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', go);
        this.#waiting = undefined;
        resolve();
      };
      const timer = setTimeout(go, Math.min(ms, 2 ** 31 - 1));
      signal.addEventListener('abort', go);
      this.#waiting = go;
    });
  }
}

/** Waits `ms`, or until `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Wake().wait(ms, signal);
}
