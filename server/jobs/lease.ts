import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { atomically } from '../../db/atomically.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { LeaseRow } from '../../db/registry/rows.ts';
import { LastingFault } from '../http/lasting-fault.ts';

/** The one lease there is: whoever holds it does all jobs. */
const jobsLease = 'jobs';
/** Whoever holds the lease and says nothing for so long has lost it (ms). With the next look: 12 s at most after a crash. */
const usualMs = 8000;
/** The holder says so, and others look whether it did, so many times as often. */
const beatsPerTerm = 4;

type Log = Pick<Logger, 'error' | 'info'>;

/** What a job asks of the lease. */
export type JobsLease = EventEmitter<{ gained: [] }> & Pick<Lease, 'fence' | 'outrunBy'>;

/**
 * A lease on all jobs of a registry, asked for and renewed by itself until it is given back. Nobody compares the clocks of
 * two machines: the holder changes the row at every beat, and whoever sees it unchanged for the whole term, by elapsed time
 * of its own, takes it over with a higher fence. `gained` is emitted whenever it was got.
 */
export class Lease extends EventEmitter<{ gained: [] }> {
  readonly #registry: Registry;
  readonly #log: Log;
  readonly #fault: LastingFault;
  readonly #termMs: number;
  readonly #holder = randomUUID();
  readonly #timer: NodeJS.Timeout;
  #held: { fence: number; until: number } | undefined;
  /** The row as others left it, and since when. */
  #seen = { row: '', since: 0 };
  /** The highest fence that was met where work is done. */
  #met = 0;
  #beating: Promise<void> | undefined;

  constructor({ registry, log }: { registry: Registry; log: Log }, termMs = usualMs) {
    super();
    this.#registry = registry;
    this.#log = log;
    this.#fault = new LastingFault(log, 'the lease on the jobs could not be asked for; it will be tried again');
    this.#termMs = termMs;
    this.#timer = setInterval(() => this.#beat(), termMs / beatsPerTerm);
    this.#beat();
  }

  /**
   * A number that rises with every new holder, while the lease is held by this process as far as it can know; else
   * undefined. One that is halted after it asked finds out where it writes: see `passFence`.
   */
  get fence(): number | undefined {
    return this.#held && performance.now() < this.#held.until ? this.#held.fence : undefined;
  }

  /**
   * Someone wrote under this higher fence. If the lease is another's, that was its holder. If it is still this one's, the
   * registry is older than what it leads to, as after a restore: then the fence is raised above it.
   */
  outrunBy(fence: number): void {
    this.#met = Math.max(this.#met, fence);
  }

  /** Gives the lease back, so that another need not wait for its end. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    this.#held = undefined;
    await this.#registry<LeaseRow>('leases')
      .where({ name: jobsLease, holder: this.#holder })
      .update({ expires_at: 0 })
      .catch((err) => this.#log.error({ err }, 'the lease on the jobs could not be given back; it ends by itself'));
  }

  #beat(): void {
    this.#beating ??= this.#ask()
      .then(
        () => this.#fault.over(),
        (err) => this.#fault.met(err),
      )
      .finally(() => {
        this.#beating = undefined;
      });
  }

  async #ask(): Promise<void> {
    const asked = performance.now(); // the term begins no later for others than for us
    const had = this.fence;
    const fence = await atomically(this.#registry, (trx) => this.#takeOrRenew(trx));
    this.#held = fence === undefined ? undefined : { fence, until: asked + this.#termMs };
    if (fence !== undefined && had === undefined) this.emit('gained');
  }

  async #takeOrRenew(trx: Registry): Promise<number | undefined> {
    const row = await trx<LeaseRow>('leases').where({ name: jobsLease }).first();
    const isOurs = row?.holder === this.#holder;
    if (row && !isOurs && !this.#isOver(row)) return undefined;
    const before = row?.fence ?? 0;
    const fence = isOurs && this.#met < before ? before : Math.max(before, this.#met) + 1;
    const mine: LeaseRow = { name: jobsLease, holder: this.#holder, fence, expires_at: Date.now() + this.#termMs };
    await trx('leases').insert(mine).onConflict('name').merge();
    return fence;
  }

  #isOver({ holder, fence, expires_at }: LeaseRow): boolean {
    if (expires_at === 0) return true; // given back
    const row = `${holder} ${fence} ${expires_at}`;
    if (row !== this.#seen.row) this.#seen = { row, since: performance.now() };
    return performance.now() - this.#seen.since >= this.#termMs;
  }
}
