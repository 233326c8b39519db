import { randomUUID } from 'node:crypto';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { dropLease, holdLease } from './lease.ts';

const leaseName = 'rollups';
const leaseMs = 30_000;

export interface RollupPace {
  /** How long to wait after runs came, so that those that follow are taken along (ms). */
  gatherMs: number;
  /** How often all customers are looked at, whichever process took in their runs (ms); well within `leaseMs`. */
  sweepMs: number;
}

/**
 * Keeps rollups up to date until it is stopped. Of several servers on one registry the holder of a lease does it. Should
 * two do it after all, because one was halted for longer than its lease: an hour is recomputed whole and in one
 * transaction with its mark, so that the second finds nothing to do, or does the same.
 */
export class RollupJob {
  readonly #server: ServerContext;
  readonly #pace: RollupPace;
  readonly #holder = randomUUID();
  readonly #stopping = new AbortController();
  readonly #fresh = new Set<CustomerId>();
  readonly #sweeper: NodeJS.Timeout;
  #gathering: NodeJS.Timeout | undefined;
  /** What is being done; one thing after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(server: ServerContext, pace: RollupPace = { gatherMs: 300, sweepMs: 10_000 }) {
    this.#server = server;
    this.#pace = pace;
    server.events.on('runsStored', this.#onRuns);
    this.#sweeper = setInterval(() => this.#sweep(), pace.sweepMs);
    this.#sweep();
  }

  /** Ends what is in progress after the present hour, and gives the lease back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#server.events.off('runsStored', this.#onRuns);
    clearInterval(this.#sweeper);
    clearTimeout(this.#gathering);
    await this.#work;
    await dropLease(this.#server.registry, leaseName, this.#holder);
  }

  readonly #onRuns = (id: CustomerId) => {
    this.#fresh.add(id);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      const customers = [...this.#fresh];
      this.#fresh.clear();
      this.#do(async () => customers);
    }, this.#pace.gatherMs);
  };

  #sweep(): void {
    this.#do(async () => {
      const rows = await this.#server.registry<CustomerRow>('customers').select('id');
      return rows.map((row) => row.id);
    });
  }

  #do(which: () => Promise<CustomerId[]>): void {
    this.#work = this.#work.then(() =>
      this.#logged({}, async () => {
        // Each by itself: a damaged database of one customer is not to delay the others' reports.
        for (const id of await which()) await this.#logged({ customer: id }, () => this.#rollUp(id));
      }),
    );
  }

  async #logged(what: object, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const message = 'rollups are late; they will be tried again with the next runs or sweep';
      this.#server.log.error({ ...what, err: error }, message);
    }
  }

  async #rollUp(id: CustomerId): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { registry, customers, log, now } = this.#server;
    const fence = await holdLease(registry, leaseName, this.#holder, now(), leaseMs);
    if (fence === undefined) return;
    const hours = await customers.use(id, (db) => rollUpDirty(db, this.#stopping.signal));
    if (hours > 0) log.debug({ customer: id, hours, fence }, 'rolled up');
  }
}
