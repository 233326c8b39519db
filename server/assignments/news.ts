import type { ServerResponse } from 'node:http';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';

/** The longest wait that may be asked for (s): shorter than what proxies and our own time-outs cut off. */
const longestWaitSeconds = 50;
/** How often it is seen whose time is over (ms): one timer for all, however many wait. */
const sweepMs = 500;

/** What a request's `Prefer` header asks for: `wait=30` → 30 (RFC 7240), at most 50; 0 if it doesn't ask. */
export function preferredWait(prefer: string): number {
  const [, seconds] = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/.exec(prefer) ?? [];
  return Math.min(longestWaitSeconds, Number(seconds ?? 0));
}

interface Waiter {
  /** On a clock that never steps, ms. */
  until: number;
  goOn(): void;
}

/**
 * Requests that are kept open until there is news for them. There may be ten thousand: while nothing changes, one costs
 * its connection and an entry here.
 */
export class News {
  readonly #server: ServerContext;
  readonly #waiting = new Map<CustomerId, Set<Waiter>>();
  /** How often something changed: what changes while somebody looks is not missed. */
  #changes = 0;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(server: ServerContext) {
    this.#server = server;
    server.events.on('assignmentsChanged', (id) => this.#tell(id));
    server.stopping.signal.addEventListener('abort', () => this.#tell(null), { once: true });
  }

  /**
   * Looks, and looks again at each change for the customer, until `look` finds something or `forMs` are over. Ends early
   * when the server stops or the asker is gone. Undefined: nothing found.
   */
  async wait<T>(
    customerId: CustomerId,
    look: () => Promise<T | undefined>,
    forMs: number,
    answer: ServerResponse,
  ): Promise<T | undefined> {
    const until = performance.now() + forMs;
    for (;;) {
      const changes = this.#changes;
      const found = await look();
      const isOver = performance.now() >= until || answer.closed || this.#server.stopping.signal.aborted;
      if (found !== undefined || isOver) return found;
      if (changes === this.#changes) await this.#next(customerId, until, answer);
    }
  }

  #next(customerId: CustomerId, until: number, answer: ServerResponse): Promise<void> {
    const waiting = this.#waiting.get(customerId) ?? new Set();
    this.#waiting.set(customerId, waiting);
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        until,
        goOn: () => {
          waiting.delete(waiter);
          answer.off('close', waiter.goOn);
          resolve();
        },
      };
      waiting.add(waiter);
      answer.once('close', waiter.goOn);
    });
  }

  #tell(customerId: CustomerId | null): void {
    this.#changes++;
    const told = customerId === null ? [...this.#waiting.values()] : [this.#waiting.get(customerId) ?? []];
    for (const waiter of told.flatMap((waiting) => [...waiting])) waiter.goOn();
  }

  #sweep(): void {
    const now = performance.now();
    for (const [id, waiting] of this.#waiting) {
      for (const waiter of waiting) if (waiter.until <= now) waiter.goOn();
      if (waiting.size === 0) this.#waiting.delete(id);
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
