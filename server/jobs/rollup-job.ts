import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { adoptCalendar, usualBusinessHours } from '../rollups/calendar.ts';
import { closeHours } from '../rollups/close-hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { Outrun, passFence } from './fence.ts';
import type { JobsLease } from './lease.ts';

export interface RollupPace {
  /** How long no run of a customer must have come before its hours are rolled up (ms): an hour is recomputed whole. */
  quietMs: number;
  /** How long they wait at most where runs come all the time (ms). */
  longestMs: number;
  /** How long one customer's hours may keep the others waiting (ms). */
  turnMs: number;
  /** How often hours of a customer are closed (ms). */
  closeMs: number;
  /** How often all customers are looked at, whichever process took in their runs (ms). */
  sweepMs: number;
}

const usualPace: RollupPace = { quietMs: 1000, longestMs: 15_000, turnMs: 5000, closeMs: 60_000, sweepMs: 10_000 };

/** Runs of a customer that came since its hours were last rolled up. */
interface Fresh {
  since: number;
  timer: NodeJS.Timeout;
}

/**
 * Keeps rollups up to date until it is stopped. Of several servers on one registry the holder of the lease does it, and
 * at once when it has got it. One that was halted for longer than its lease writes nothing: its fence is outrun.
 */
export class RollupJob {
  readonly #server: ServerContext;
  readonly #pace: RollupPace;
  readonly #lease: JobsLease;
  readonly #stopping = new AbortController();
  /** Ends the turn of the customer whose hours are being rolled up. */
  #turn = new AbortController();
  readonly #fresh = new Map<CustomerId, Fresh>();
  /** When hours of a customer were last closed, all that could be. */
  readonly #closed = new Map<CustomerId, number>();
  readonly #sweeper: NodeJS.Timeout;
  /** What is being done; one thing after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(server: ServerContext, lease: JobsLease, pace: Partial<RollupPace> = {}) {
    this.#server = server;
    this.#lease = lease;
    this.#pace = { ...usualPace, ...pace };
    server.events.on('runsStored', this.#onRuns);
    lease.on('gained', this.#sweep);
    this.#sweeper = setInterval(this.#sweep, this.#pace.sweepMs);
    this.#sweep();
  }

  /** Ends what is in progress after the present hour. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#turn.abort();
    this.#server.events.off('runsStored', this.#onRuns);
    this.#lease.off('gained', this.#sweep);
    clearInterval(this.#sweeper);
    for (const { timer } of this.#fresh.values()) clearTimeout(timer);
    await this.#work;
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

  readonly #sweep = () => {
    this.#do(async () => {
      if (this.#lease.fence === undefined) return [];
      const rows = await this.#server.registry<CustomerRow>('customers').select('id');
      return rows.map((row) => row.id);
    });
  };

  #do(which: () => Promise<CustomerId[]>): void {
    this.#work = this.#work.then(() =>
      this.#logged({}, async () => {
        // Each by itself: a damaged database of one customer is not to delay the others' reports.
        for (const id of await which()) {
          const began = performance.now();
          await this.#logged({ customer: id }, () => this.#rollUp(id));
          await this.#makeWay(performance.now() - began);
        }
      }),
    );
  }

  /** While runs come in, two thirds of the time are theirs. */
  async #makeWay(workedMs: number): Promise<void> {
    if (this.#fresh.size === 0) return;
    await sleep(Math.min(2 * workedMs, this.#pace.longestMs), undefined, { signal: this.#stopping.signal }).catch(
      () => {},
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
    const fence = this.#lease.fence;
    if (this.#stopping.signal.aborted || fence === undefined) return;
    const turn = new AbortController();
    this.#turn = turn;
    const ending = setTimeout(() => turn.abort(), this.#pace.turnMs);
    try {
      const hours = await this.#bringUpToDate(id, fence, turn.signal);
      if (hours > 0) this.#server.log.debug({ customer: id, hours, fence }, 'rolled up');
    } catch (error) {
      if (!(error instanceof Outrun)) throw error;
      this.#lease.outrunBy(error.by);
    } finally {
      clearTimeout(ending);
    }
    if (turn.signal.aborted) this.#do(async () => [id]); // there is more, but the others first
  }

  async #bringUpToDate(id: CustomerId, fence: number, turn: AbortSignal): Promise<number> {
    const { registry, customers, now } = this.#server;
    const row = await registry<CustomerRow>('customers').where({ id }).first('time_zone', 'business_hours');
    if (!row) return 0;
    const guard = (trx: CustomerDb) => passFence(trx, fence);
    return customers.use(id, async (db) => {
      const businessHours = row.business_hours ?? usualBusinessHours;
      await adoptCalendar(db, { timeZone: row.time_zone, businessHours }, guard);
      const hours = await rollUpDirty(db, turn, guard);
      if (performance.now() - (this.#closed.get(id) ?? Number.NEGATIVE_INFINITY) < this.#pace.closeMs) return hours;
      await closeHours(db, now(), turn, guard);
      if (!turn.aborted) this.#closed.set(id, performance.now());
      return hours;
    });
  }
}
