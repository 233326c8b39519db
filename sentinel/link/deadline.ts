/** Aborts `signal` with a `TimeoutError` once `ms` have passed since it was begun, or last renewed. */
export class Deadline implements Disposable {
  readonly #ms: number;
  readonly #late = new AbortController();
  #timer: NodeJS.Timeout;
  #isOver = false;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = this.#begin();
  }

  get signal(): AbortSignal {
    return this.#late.signal;
  }

  /** Once it is over that changes nothing: what is still being sent when its answer is there keeps nobody waiting. */
  renew(): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    this.#timer = this.#begin();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #begin(): NodeJS.Timeout {
    return setTimeout(() => this.#late.abort(new DOMException('it took too long', 'TimeoutError')), this.#ms);
  }
}
