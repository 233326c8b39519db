import type { IncomingMessage } from 'node:http';
import { headers } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from './context.ts';
import type { RouteContext } from './router.ts';
import { type AskingSentinel, askingSentinel } from './sentinel-auth.ts';
import { tokenHash } from './token.ts';

/** How long somebody is let in without being looked up (ms), should nobody tell that something changed. */
const validMs = 5 * 60_000;
/** Beyond that many the oldest are forgotten, and looked up again. */
const mostKnown = 100_000;

interface Known {
  sentinel: AskingSentinel;
  /** On a clock that never steps, ms. */
  since: number;
}

/**
 * Who asks, for a question that each sentinel asks all the time: looked up once, and again after each change for its
 * customer, a revocation being one, and after another start or machine of the sentinel was heard.
 */
export class Admissions {
  readonly #server: ServerContext;
  readonly #known = new Map<string, Known>();
  #changes = 0;

  constructor(server: ServerContext) {
    this.#server = server;
    server.events.on('assignmentsChanged', (id) => this.#forget(({ customerId }) => id === null || customerId === id));
    server.events.on('holderChanged', (id) => this.#forget(({ sentinelId }) => sentinelId === id));
  }

  /** Who asks, if that need not be looked up. */
  known(request: IncomingMessage): AskingSentinel | undefined {
    return this.#knownBy(claimOf(request));
  }

  /** The same problems as `askingSentinel`. */
  async admit(ctx: RouteContext<unknown>): Promise<AskingSentinel> {
    const claim = claimOf(ctx.req);
    const known = this.#knownBy(claim);
    if (known) return known;
    const changes = this.#changes;
    const sentinel = await askingSentinel(this.#server, ctx);
    this.#known.delete(claim);
    if (changes === this.#changes) this.#known.set(claim, { sentinel, since: performance.now() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest) this.#known.delete(oldest);
    return sentinel;
  }

  #knownBy(claim: string): AskingSentinel | undefined {
    const known = this.#known.get(claim);
    return known && performance.now() - known.since < validMs ? known.sentinel : undefined;
  }

  #forget(isMeant: (sentinel: AskingSentinel) => boolean): void {
    this.#changes++;
    for (const [claim, { sentinel }] of this.#known) if (isMeant(sentinel)) this.#known.delete(claim);
  }
}

/** All by which a request is let in. */
function claimOf({ headers: said }: IncomingMessage): string {
  return tokenHash([said.authorization, said[headers.sentinel], said[headers.boot]].join('\n'));
}
