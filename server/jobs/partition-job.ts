import { randomUUID } from 'node:crypto';
import { addPartitions } from '../../db/customer/partitions.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { dropLease, holdLease } from './lease.ts';

const leaseName = 'partitions';
const leaseMs = 600_000;
/** Months are made two ahead, so that a server may be away for weeks. */
const everyMs = 12 * 3_600_000;

/**
 * Makes months ahead where customers' tables lie in partitions, at the start and twice a day, until it is stopped. Of
 * several servers on one registry the holder of a lease does it; a month that is there already is left as it is.
 */
export class PartitionJob {
  readonly #server: ServerContext;
  readonly #holder = randomUUID();
  readonly #timer: NodeJS.Timeout;
  #isStopping = false;
  #work: Promise<void> = Promise.resolve();

  constructor(server: ServerContext) {
    this.#server = server;
    this.#timer = setInterval(() => this.#begin(), everyMs);
    this.#begin();
  }

  /** Ends after the customer in progress, and gives the lease back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#work;
    await dropLease(this.#server.registry, leaseName, this.#holder);
  }

  #begin(): void {
    this.#work = this.#work.then(() => this.#all()).catch((err) => this.#tell({ err }));
  }

  async #all(): Promise<void> {
    const customers = await this.#server.registry<CustomerRow>('customers').where({ engine: 'mysql' }).select('id');
    for (const { id } of customers) {
      const { registry, now } = this.#server;
      if (this.#isStopping || !(await holdLease(registry, leaseName, this.#holder, now(), leaseMs))) return;
      await this.#forCustomer(id).catch((err) => this.#tell({ customer: id, err }));
    }
  }

  async #forCustomer(id: CustomerRow['id']): Promise<void> {
    const made = await this.#server.customers.use(id, (db) => addPartitions(db, this.#server.now()));
    if (made > 0) this.#server.log.info({ customer: id, partitions: made }, 'months were made ahead');
  }

  #tell(what: object): void {
    this.#server.log.error(what, 'months could not be made ahead; it will be tried again in half a day');
  }
}
