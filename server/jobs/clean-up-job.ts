import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { cleanUp } from '../evidence/clean-up.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import type { ServerContext } from '../http/context.ts';
import { passFence } from './fence.ts';
import type { JobsLease } from './lease.ts';

const everyMs = 3_600_000;

/** Cleans up every customer's evidence once an hour, as `cleanUp` says, while it holds the lease. */
export class CleanUpJob {
  readonly #server: ServerContext;
  readonly #lease: JobsLease;
  readonly #timer: NodeJS.Timeout;
  #isStopping = false;
  #work: Promise<void> = Promise.resolve();

  constructor(server: ServerContext, lease: JobsLease, every = everyMs) {
    this.#server = server;
    this.#lease = lease;
    this.#timer = setInterval(() => this.#begin(), every);
  }

  /** Ends after the customer in progress. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#work;
  }

  #begin(): void {
    this.#work = this.#work.then(() => this.#all()).catch((err) => this.#tell({ err }));
  }

  async #all(): Promise<void> {
    if (this.#lease.fence === undefined) return;
    for (const { id } of await this.#server.registry<CustomerRow>('customers').select('id')) {
      const { fence } = this.#lease;
      if (this.#isStopping || fence === undefined) return;
      await this.#forCustomer(id, fence).catch((err) => this.#tell({ customer: id, err }));
    }
  }

  async #forCustomer(id: CustomerId, fence: number): Promise<void> {
    const { customers, log, now, evidenceBytes: quotaBytes } = this.#server;
    const guard = (trx: CustomerDb) => passFence(trx, fence);
    const store = evidenceOf(this.#server, id);
    const removed = await customers.use(id, (db) => cleanUp(db, store, { now: now(), quotaBytes, guard }));
    if (removed.bytes > 0) log.info({ customer: id, ...removed }, 'evidence was cleaned up');
  }

  #tell(what: object): void {
    this.#server.log.error(what, 'evidence could not be cleaned up; it will be tried again in an hour');
  }
}
