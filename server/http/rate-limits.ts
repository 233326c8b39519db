import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ServerContext } from './context.ts';
import type { Limits } from './limits.ts';
import { HttpProblem } from './problem.ts';
import type { RouteContext } from './router.ts';

/** Who is counted: one user or whose tokens it are, one customer, one sentinel, or an address that has shown nothing. */
export type Counted = keyof Limits['requestsPerMinute'];

/**
 * Counts requests of the last minute, in this process alone: what guards passwords is counted in the registry, where all
 * processes see it.
 */
class RateLimits {
  readonly #limiters: Record<Counted, RateLimiterMemory>;

  constructor({ requestsPerMinute }: Limits) {
    const limiters = Object.entries(requestsPerMinute).map(([counted, points]) => {
      return [counted, new RateLimiterMemory({ keyPrefix: counted, points, duration: 60 })] as const;
    });
    this.#limiters = Object.fromEntries(limiters) as Record<Counted, RateLimiterMemory>;
  }

  async take(counted: Counted, who: string): Promise<void> {
    try {
      await this.#limiters[counted].consume(who);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw tooMany(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
    }
  }
}

const limitsOf = new WeakMap<ServerContext, RateLimits>();

/** Counts a request of `who`. Problem: 429 `TOO_MANY_REQUESTS`, which says when to ask again. */
export function countRequest(server: ServerContext, counted: Counted, who: string): Promise<void> {
  const known = limitsOf.get(server) ?? new RateLimits(server.limits);
  limitsOf.set(server, known);
  return known.take(counted, who);
}

/** The same of a request that may have been counted already, when it was let in: see `recheck`. */
export async function countOnce(
  server: ServerContext,
  { recheck }: Pick<RouteContext<unknown>, 'recheck'>,
  counted: Counted,
  who: string,
): Promise<void> {
  if (!recheck) await countRequest(server, counted, who);
}

function tooMany(seconds: number): HttpProblem {
  const detail = `too many requests in a minute: ask again in ${seconds} seconds`;
  return new HttpProblem(429, 'TOO_MANY_REQUESTS', detail, { 'retry-after': String(seconds) });
}
