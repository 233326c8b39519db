import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import type { AskingSentinel } from '../http/sentinel-auth.ts';
import { customerTurns, type TakeTurn } from './customer-turns.ts';

const writeEveryMs = 10_000;
const failed = 'it could not be written down when sentinels were last seen';
/** Names in one statement. */
const atOnce = 500;

/**
 * Writes down when sentinels were last seen, many in one statement: they all come every minute, and a commit for each
 * would be most of what the server does. A crash forgets 10 s of it.
 */
export class LastSeenJob {
  readonly #server: ServerContext;
  readonly #timer: NodeJS.Timeout;
  readonly #take: TakeTurn;
  readonly #seen = new Map<CustomerId, Set<string>>();
  #work: Promise<void> = Promise.resolve();

  /** `longestMs`: how long one customer may keep the others waiting. */
  constructor(server: ServerContext, longestMs = 5000) {
    this.#server = server;
    this.#take = customerTurns(server, { longestMs, failed });
    server.events.on('sentinelSeen', this.#onSeen);
    this.#timer = setInterval(() => this.#write(), writeEveryMs);
  }

  async stop(): Promise<void> {
    this.#server.events.off('sentinelSeen', this.#onSeen);
    clearInterval(this.#timer);
    await this.#write();
  }

  readonly #onSeen = ({ customerId, sentinelId }: AskingSentinel) => {
    const seen = this.#seen.get(customerId) ?? new Set();
    this.#seen.set(customerId, seen.add(sentinelId));
  };

  #write(): Promise<void> {
    this.#work = this.#work.then(async () => {
      for (const customerId of [...this.#seen.keys()]) await this.#take(customerId, () => this.#writeFor(customerId));
    });
    return this.#work;
  }

  #writeFor(customerId: CustomerId): Promise<void> {
    const { customers, now } = this.#server;
    const ids = [...(this.#seen.get(customerId) ?? [])];
    this.#seen.delete(customerId);
    return customers.use(customerId, async (db) => {
      for (let from = 0; from < ids.length; from += atOnce) {
        const some = ids.slice(from, from + atOnce);
        await db<SentinelRow>('sentinels').whereIn('id', some).update({ last_seen_at: now() });
      }
    });
  }
}
