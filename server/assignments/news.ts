import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import type { AskingSentinel } from '../http/sentinel-auth.ts';

/** The longest wait that may be asked for (s): shorter than what proxies and our own time-outs cut off. */
const longestWaitSeconds = 120;
/** How often it is seen whose time is over (ms): one timer for all, however many wait, and of those only who is due. */
const sweepMs = 500;
/** The look by which a wait until then is over. */
const lookOf = (until: number) => Math.ceil(until / sweepMs);

/** What a request's `Prefer` header asks for: `wait=30` → 30 (RFC 7240), at most 120; 0 if it doesn't ask. */
export function preferredWait(prefer: string): number {
  const [, seconds] = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/.exec(prefer) ?? [];
  return Math.min(longestWaitSeconds, Number(seconds ?? 0));
}

/** A request for what is new since `etag`, to which there is no answer yet. */
export interface Question {
  request: IncomingMessage;
  answer: ServerResponse;
  sentinel: AskingSentinel;
  etag: string;
  waitS: number;
}

interface Waiter extends Question {
  /** On a clock that never steps, ms. */
  until: number;
  /** Waits no longer. */
  leave(): void;
}

/** What answers a request, from its beginning. */
export type Begin = (request: IncomingMessage, answer: ServerResponse) => unknown;

/**
 * Requests that are kept open until there is news for them. There may be ten thousand, so one that waits is nothing but
 * its connection and an entry here: when something changed it begins anew, as if it had just come.
 */
export class News {
  readonly #server: ServerContext;
  readonly #begin: Begin;
  /** By sentinel: one question each, however many somebody asks with its key. */
  readonly #waiting = new Map<CustomerId, Map<string, Waiter>>();
  /** The same, by the look at which their time is over. */
  readonly #due = new Map<number, Set<Waiter>>();
  /** Until when each request that began anew may wait. */
  readonly #until = new WeakMap<IncomingMessage, number>();
  #changes = 0;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(server: ServerContext, begin: Begin) {
    this.#server = server;
    this.#begin = begin;
    server.events.on('assignmentsChanged', (id) => this.#tell(id));
    server.stopping.signal.addEventListener('abort', () => this.#dismiss(), { once: true });
  }

  /** How often something changed so far: asked before the first look, so that no change is missed while one looks. */
  get changes(): number {
    return this.#changes;
  }

  /** Whether the request has waited before, and now begins anew. */
  hasWaited(request: IncomingMessage): boolean {
    return this.#until.has(request);
  }

  /**
   * Keeps a question open, having begun to look for news at `since` changes: it begins anew at the next one, and is
   * answered "unchanged" when its time is over, or when its sentinel asks another one: it has given up this one.
   * False, and it must be answered, if it has waited already, its asker is gone or the server stops.
   */
  keepOpen(question: Question, since: number): boolean {
    const { request, answer, waitS } = question;
    const until = this.#until.get(request) ?? performance.now() + waitS * 1000;
    if (performance.now() >= until || answer.closed || this.#server.stopping.signal.aborted) return false;
    const waiter = this.#add(question, until);
    // Alone: were all told, each of a thousand that look just now would have the others look again.
    if (since !== this.#changes) this.#goOn(waiter);
    return true;
  }

  #add(question: Question, until: number): Waiter {
    const { answer, sentinel } = question;
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs);
    const older = this.#waiting.get(sentinel.customerId)?.get(sentinel.sentinelId);
    if (older) this.#unchanged(older);
    const waiting = this.#waiting.get(sentinel.customerId) ?? new Map<string, Waiter>();
    this.#waiting.set(sentinel.customerId, waiting);
    const due = this.#due.get(lookOf(until)) ?? new Set();
    this.#due.set(lookOf(until), due);
    const leave = () => {
      if (waiting.get(sentinel.sentinelId) === waiter) waiting.delete(sentinel.sentinelId);
      if (waiting.size === 0 && this.#waiting.get(sentinel.customerId) === waiting)
        this.#waiting.delete(sentinel.customerId);
      due.delete(waiter);
      answer.off('close', leave);
    };
    const waiter = { ...question, until, leave };
    waiting.set(sentinel.sentinelId, waiter);
    due.add(waiter);
    answer.once('close', leave);
    return waiter;
  }

  #goOn({ request, answer, until, leave }: Waiter): void {
    leave();
    this.#until.set(request, until);
    this.#begin(request, answer);
  }

  /** Without what all other answers go through: a hundred times a second it would be most of what the server does. */
  #unchanged({ request, answer, etag, waitS, leave }: Waiter, more: Readonly<Record<string, string>> = {}): void {
    leave();
    answer.writeHead(304, { etag, ...unstored, 'preference-applied': `wait=${waitS}`, ...more }).end();
    this.#server.log.debug({ method: request.method, path: request.url, status: 304 }, 'no news');
  }

  #tell(customerId: CustomerId | null): void {
    this.#changes++;
    const told = customerId === null ? this.#all() : [...(this.#waiting.get(customerId)?.values() ?? [])];
    for (const waiter of told) this.#goOn(waiter);
  }

  #dismiss(): void {
    for (const waiter of this.#all()) this.#unchanged(waiter, { connection: 'close' });
    clearInterval(this.#sweeper); // it would keep the process for as long as they might have waited
  }

  #sweep(): void {
    const now = performance.now();
    for (const [look, due] of this.#due) {
      if (look * sweepMs > now) continue;
      this.#due.delete(look);
      for (const waiter of due) this.#unchanged(waiter);
    }
    if (this.#due.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #all(): Waiter[] {
    return [...this.#waiting.values()].flatMap((waiting) => [...waiting.values()]);
  }
}

/** Of every answer to the question: it is for its asker alone, and to be asked anew each time. */
export const unstored = { 'cache-control': 'private, no-cache' } as const;
