import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';

/** The longest wait that may be asked for (s): shorter than what proxies and our own time-outs cut off. */
export const longestWaitSeconds = 50;
/** How often the database is looked at while waiting (ms): another process may have published. */
const lookEveryMs = 5000;

/** What a request's `Prefer` header asks for: `wait=30` → 30 (RFC 7240), at most 50; 0 if it doesn't ask. */
export function preferredWait(prefer: string): number {
  const [, seconds] = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/.exec(prefer) ?? [];
  return Math.min(longestWaitSeconds, Number(seconds ?? 0));
}

/**
 * Looks again and again until `look` finds something or `forMs` are over; at once when this process changes something
 * for the customer. Ends early when `signal` is aborted. Undefined: nothing found.
 */
export async function waitForChange<T>(
  server: ServerContext,
  customerId: CustomerId,
  look: () => Promise<T | undefined>,
  forMs: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const changes = new Changes(server, customerId);
  try {
    for (const end = performance.now() + forMs; ; ) {
      const found = await look();
      const left = end - performance.now();
      if (found !== undefined || left <= 0 || signal.aborted) return found;
      await changes.next(Math.min(left, lookEveryMs), signal);
    }
  } finally {
    changes.stop();
  }
}

/** Remembers a change that comes while nobody waits: between a look and the next wait. */
class Changes {
  #changed = false;
  #wake: () => void = () => {};
  readonly #server: ServerContext;
  readonly #listener: (id: CustomerId) => void;

  constructor(server: ServerContext, customerId: CustomerId) {
    this.#server = server;
    this.#listener = (id) => {
      if (id !== customerId) return;
      this.#changed = true;
      this.#wake();
    };
    server.events.on('assignmentsChanged', this.#listener);
  }

  async next(withinMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (this.#changed) resolve();
    const timer = setTimeout(resolve, withinMs);
    signal.addEventListener('abort', this.#wake);
    await promise;
    signal.removeEventListener('abort', this.#wake);
    clearTimeout(timer);
    this.#changed = false;
  }

  stop(): void {
    this.#server.events.off('assignmentsChanged', this.#listener);
  }
}
