import type { CustomerId } from '../../db/customers.ts';
import { type AuditEntry, audit } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';

const writeEveryMs = 5000;
/** Of one customer at a time; what goes beyond is in the provider's trail, as all are. */
const mostKept = 1000;

/**
 * Writes failures to sign in with a customer's accounts into that customer's trail, some seconds later: were it done while
 * the asker waits, they could measure which names there are. A crash forgets 5 s of it, which the provider's trail has.
 */
export class FailedSignIns {
  readonly #server: ServerContext;
  readonly #timer: NodeJS.Timeout;
  readonly #failed = new Map<CustomerId, AuditEntry[]>();
  #work: Promise<void> = Promise.resolve();

  constructor(server: ServerContext) {
    this.#server = server;
    server.events.on('signInFailed', this.#onFailure);
    this.#timer = setInterval(() => this.#write(), writeEveryMs);
  }

  async stop(): Promise<void> {
    this.#server.events.off('signInFailed', this.#onFailure);
    clearInterval(this.#timer);
    await this.#write();
  }

  readonly #onFailure = (customerId: CustomerId, entry: AuditEntry) => {
    const entries = this.#failed.get(customerId) ?? [];
    this.#failed.set(customerId, entries);
    if (entries.length < mostKept) entries.push(entry);
  };

  #write(): Promise<void> {
    const all = [...this.#failed];
    this.#failed.clear();
    this.#work = this.#work.then(async () => {
      for (const [customerId, entries] of all) await this.#writeFor(customerId, entries);
    });
    return this.#work;
  }

  async #writeFor(customerId: CustomerId, entries: readonly AuditEntry[]): Promise<void> {
    try {
      await this.#server.customers.use(customerId, async (db) => {
        for (const entry of entries) await audit(db, entry);
      });
    } catch (err) {
      this.#server.log.error({ customer: customerId, err }, 'failures to sign in are not in the trail of the customer');
    }
  }
}
