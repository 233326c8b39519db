import type { Logger } from 'pino';

/** How often one is told of a fault that lasts (ms). */
const tellEveryMs = 60_000;

/**
 * For what is tried again every moment and fails until something is mended: the log tells of it when it begins, then once a
 * minute how often it was met since, and when it is over. Times by `now` (ms).
 */
export class LastingFault {
  readonly #log: Pick<Logger, 'error' | 'info'>;
  readonly #message: string;
  readonly #now: () => number;
  #toldAt: number | undefined;
  #times = 0;

  constructor(log: Pick<Logger, 'error' | 'info'>, message: string, now = () => performance.now()) {
    this.#log = log;
    this.#message = message;
    this.#now = now;
  }

  met(err: unknown): void {
    this.#times += 1;
    if (this.#toldAt !== undefined && this.#now() - this.#toldAt < tellEveryMs) return;
    this.#toldAt = this.#now();
    this.#log.error({ err, times: this.#times }, this.#message);
  }

  /** It went well; nothing is told where it did before. */
  over(): void {
    if (this.#toldAt !== undefined) this.#log.info({ times: this.#times }, `it is over: ${this.#message}`);
    [this.#toldAt, this.#times] = [undefined, 0];
  }
}
