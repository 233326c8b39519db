import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import type { RouteContext } from '../http/router.ts';

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

type Begin = (request: IncomingMessage, answer: ServerResponse) => unknown;

/**
 * Requests that are kept open until there is news for them. There may be ten thousand, so one that waits is nothing but
 * its connection and an entry here: when something changed it begins anew, as if it had just come.
 */
export class News {
  readonly #server: ServerContext;
  readonly #waiting = new Map<CustomerId, Set<Waiter>>();
  /** Until when each request that waited may do so. */
  readonly #until = new WeakMap<IncomingMessage, number>();
  #changes = 0;
  #begin: Begin | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(server: ServerContext) {
    this.#server = server;
    server.events.on('assignmentsChanged', (id) => this.#tell(id));
    server.stopping.signal.addEventListener('abort', () => this.#tell(null), { once: true });
  }

  /** How often something changed so far: asked before the first look, so that no change is missed while one looks. */
  get changes(): number {
    return this.#changes;
  }

  /** Whether the request has waited before, and now begins anew. */
  hasWaited({ req }: RouteContext<unknown>): boolean {
    return this.#until.has(req);
  }

  /**
   * Keeps a request open that found nothing new, having begun to look at `since` changes; it begins anew at the next one.
   * False, and it must be answered, if it has waited for `forMs`, its asker is gone or the server stops.
   */
  keepOpen(ctx: RouteContext<unknown>, customerId: CustomerId, forMs: number, since: number): boolean {
    const { req, res } = ctx;
    const until = this.#until.get(req) ?? performance.now() + forMs;
    if (performance.now() >= until || res.closed || this.#server.stopping.signal.aborted) return false;
    this.#until.set(req, until);
    ctx.respond = false;
    this.#begin ??= ctx.app.callback();
    const waiter = this.#add(customerId, until, req, res);
    // Alone: were all told, each of a thousand that look just now would have the others look again.
    if (since !== this.#changes) waiter.goOn();
    return true;
  }

  #add(customerId: CustomerId, until: number, request: IncomingMessage, answer: ServerResponse): Waiter {
    const waiting = this.#waiting.get(customerId) ?? new Set();
    this.#waiting.set(customerId, waiting);
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs);
    const leave = () => {
      waiting.delete(waiter);
      answer.off('close', leave);
    };
    const goOn = () => {
      leave();
      this.#begin?.(request, answer);
    };
    const waiter = { until, goOn };
    waiting.add(waiter);
    answer.once('close', leave);
    return waiter;
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
