import { randomUUID } from 'node:crypto';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { adoptCalendar, usualBusinessHours } from '../rollups/calendar.ts';
import { closeHours } from '../rollups/close-hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { dropLease, holdLease } from './lease.ts';

const leaseName = 'rollups';
const leaseMs = 30_000;

export interface RollupPace {
  /** How long no run of a customer must have come before its hours are rolled up (ms): an hour is recomputed whole. */
  quietMs: number;
  /** How long they wait at most where runs come all the time (ms). */
  longestMs: number;
  /** How long one customer's hours may keep the others waiting (ms). */
  turnMs: number;
  /** How often all customers are looked at, whichever process took in their runs (ms); well within `leaseMs`. */
  sweepMs: number;
}

const usualPace: RollupPace = { quietMs: 1000, longestMs: 15_000, turnMs: 5000, sweepMs: 10_000 };

/** Runs of a customer that came since its hours were last rolled up. */
interface Fresh {
  since: number;
  timer: NodeJS.Timeout;
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
  #isStopping = false;
  /** Ends the turn of the customer whose hours are being rolled up. */
  #turn = new AbortController();
  readonly #fresh = new Map<CustomerId, Fresh>();
  readonly #sweeper: NodeJS.Timeout;
  /** What is being done; one thing after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(server: ServerContext, pace: Partial<RollupPace> = {}) {
    this.#server = server;
    this.#pace = { ...usualPace, ...pace };
    server.events.on('runsStored', this.#onRuns);
    this.#sweeper = setInterval(() => this.#sweep(), this.#pace.sweepMs);
    this.#sweep();
  }

  /** Ends what is in progress after the present hour, and gives the lease back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#turn.abort();
    this.#server.events.off('runsStored', this.#onRuns);
    clearInterval(this.#sweeper);
    for (const { timer } of this.#fresh.values()) clearTimeout(timer);
    await this.#work;
    await dropLease(this.#server.registry, leaseName, this.#holder);
  }

  readonly #onRuns = (id: CustomerId) => {
    const { quietMs, longestMs } = this.#pace;
    const before = this.#fresh.get(id);
    clearTimeout(before?.timer);
    const since = before?.since ?? performance.now();
    const waitMs = Math.min(quietMs, Math.max(0, since + longestMs - performance.now()));
    const timer = setTimeout(() => {
      this.#fresh.delete(id);
      this.#do(async () => [id]);
    }, waitMs);
    this.#fresh.set(id, { since, timer });
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
    if (this.#isStopping) return;
    const { registry, log, now } = this.#server;
    const fence = await holdLease(registry, leaseName, this.#holder, now(), leaseMs);
    if (fence === undefined) return;
    const turn = this.#isStopping ? this.#turn : new AbortController();
    this.#turn = turn;
    const ending = setTimeout(() => turn.abort(), this.#pace.turnMs);
    try {
      const hours = await this.#bringUpToDate(id, turn.signal);
      if (hours > 0) log.debug({ customer: id, hours, fence }, 'rolled up');
    } finally {
      clearTimeout(ending);
    }
    if (turn.signal.aborted) this.#do(async () => [id]); // there is more, but the others first
  }

  async #bringUpToDate(id: CustomerId, turn: AbortSignal): Promise<number> {
    const { registry, customers, now } = this.#server;
    const row = await registry<CustomerRow>('customers').where({ id }).first('time_zone', 'business_hours');
    if (!row) return 0;
    return customers.use(id, async (db) => {
      await adoptCalendar(db, { timeZone: row.time_zone, businessHours: row.business_hours ?? usualBusinessHours });
      const hours = await rollUpDirty(db, turn);
      await closeHours(db, now(), turn);
      return hours;
    });
  }
}
