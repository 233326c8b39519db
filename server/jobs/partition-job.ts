import { addPartitions } from '../../db/customer/partitions.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import type { JobsLease } from './lease.ts';

/** Months are made two ahead, so that a server may be away for weeks. */
const everyMs = 12 * 3_600_000;

/**
 * Makes months ahead where customers' tables lie in partitions, when it gets the lease and twice a day, until it is
 * stopped. A month that is there already is left as it is, so that one who was halted in the midst of it does no harm.
 */
export class PartitionJob {
  readonly #server: ServerContext;
  readonly #lease: JobsLease;
  readonly #timer: NodeJS.Timeout;
  #isStopping = false;
  #work: Promise<void> = Promise.resolve();

  constructor(server: ServerContext, lease: JobsLease) {
    this.#server = server;
    this.#lease = lease;
    lease.on('gained', this.#begin);
    this.#timer = setInterval(this.#begin, everyMs);
    this.#begin();
  }

  /** Ends after the customer in progress. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#lease.off('gained', this.#begin);
    clearInterval(this.#timer);
    await this.#work;
  }

  readonly #begin = () => {
    this.#work = this.#work.then(() => this.#all()).catch((err) => this.#tell({ err }));
  };

  async #all(): Promise<void> {
    if (this.#lease.fence === undefined) return;
    const customers = await this.#server.registry<CustomerRow>('customers').where({ engine: 'mysql' }).select('id');
    for (const { id } of customers) {
      if (this.#isStopping || this.#lease.fence === undefined) return;
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
