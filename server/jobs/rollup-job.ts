import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { isUnusable } from '../../db/database-unusable.ts';
import { fileOf } from '../../db/engines/sqlite.ts';
import type { CustomerRow, FreshRunsRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { ReadingThread } from '../reading/reading-thread.ts';
import { adoptCalendar } from '../rollups/adopt-calendar.ts';
import { usualBusinessHours } from '../rollups/calendar.ts';
import { closeHours } from '../rollups/close-hours.ts';
import type { Leave } from '../rollups/leave.ts';
import { planSpans } from '../rollups/plan-spans.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { customerTurns, type TakeTurn } from './customer-turns.ts';
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
  /** How often it is looked whose runs other processes took in (ms). */
  sweepMs: number;
  /** How often all customers are looked at (ms): each look may have to open a database. */
  allMs: number;
}

const usualPace: RollupPace = {
  quietMs: 1000,
  longestMs: 15_000,
  turnMs: 5000,
  closeMs: 60_000,
  sweepMs: 5000,
  allMs: 60_000,
};

const late = 'rollups are late; they will be tried again with the next runs or sweep';
/** So few hours of sentinels are read in some milliseconds: for a run now and then no thread is started. */
const fewMarks = 4;

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
  readonly #thread: ReadingThread;
  readonly #take: TakeTurn;
  readonly #fresh = new Map<CustomerId, Fresh>();
  /** When hours of a customer were last closed, all that could be. */
  readonly #closed = new Map<CustomerId, number>();
  readonly #sweeper: NodeJS.Timeout;
  #isSweeping = false;
  #sweptAllAt = Number.NEGATIVE_INFINITY;
  /** What is being done; one thing after the other. */
  #work: Promise<void> = Promise.resolve();
  /** Whose turn is to come, each once: where hours take longer than runs take to come there would be ever more of them. */
  readonly #waiting = new Set<CustomerId>();

  constructor(server: ServerContext, lease: JobsLease, pace: Partial<RollupPace> = {}) {
    this.#server = server;
    this.#thread = new ReadingThread(server);
    this.#lease = lease;
    this.#pace = { ...usualPace, ...pace };
    this.#take = customerTurns(server, {
      ...{ longestMs: this.#pace.turnMs, failed: late },
      afterLong: (id) => this.#queue(id), // there may be more, but the others first
    });
    server.events.on('runsStored', this.#onRuns);
    lease.on('gained', this.#sweepAll);
    this.#sweeper = setInterval(this.#sweep, this.#pace.sweepMs);
    this.#sweep();
  }

  /** Ends what is in progress after the hours that are being written. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#server.events.off('runsStored', this.#onRuns);
    this.#lease.off('gained', this.#sweepAll);
    clearInterval(this.#sweeper);
    for (const { timer } of this.#fresh.values()) clearTimeout(timer);
    await this.#work;
    this.#thread.end(new Error('the server is stopping'));
  }

  readonly #onRuns = (id: CustomerId) => {
    const { quietMs, longestMs } = this.#pace;
    const before = this.#fresh.get(id);
    clearTimeout(before?.timer);
    const since = before?.since ?? performance.now();
    const waitMs = Math.min(quietMs, Math.max(0, since + longestMs - performance.now()));
    const timer = setTimeout(() => {
      this.#fresh.delete(id);
      if (this.#lease.fence === undefined) this.#tell(id);
      else this.#queue(id);
    }, waitMs);
    this.#fresh.set(id, { since, timer });
  };

  /** Whoever does the jobs finds it at its next look. Should this one die before, all are looked at in a minute. */
  #tell(id: CustomerId): void {
    const { registry } = this.#server;
    this.#work = this.#work.then(() =>
      this.#logged({ customer: id }, async () => {
        const row: FreshRunsRow = { customer_id: id, marks: 1 };
        const marks = registry.raw('fresh_runs.marks + 1');
        await registry('fresh_runs').insert(row).onConflict('customer_id').merge({ marks });
      }),
    );
  }

  readonly #sweepAll = () => {
    this.#sweptAllAt = Number.NEGATIVE_INFINITY;
    this.#sweep();
  };

  readonly #sweep = () => {
    if (this.#isSweeping) return; // with many customers one takes its time
    this.#isSweeping = true;
    this.#do(async () => {
      for (const id of await this.#due()) this.#queue(id);
    });
    this.#work = this.#work.then(() => {
      this.#isSweeping = false;
    });
  };

  /** Customers that are to be looked at now. */
  async #due(): Promise<CustomerId[]> {
    const { registry } = this.#server;
    if (this.#lease.fence === undefined) return [];
    const told = await registry<FreshRunsRow>('fresh_runs').select();
    // Taken out before: should this one die meanwhile, the next holder begins with all.
    for (const row of told)
      await registry('fresh_runs')
        .where({ ...row })
        .delete();
    if (performance.now() - this.#sweptAllAt < this.#pace.allMs) return told.map((row) => row.customer_id);
    this.#sweptAllAt = performance.now();
    return registry<CustomerRow>('customers').pluck('id');
  }

  /** Whoever has waited longest is next: one who waits already keeps the place. */
  #queue(id: CustomerId): void {
    if (this.#waiting.has(id)) return;
    this.#waiting.add(id);
    this.#do(async () => {
      this.#waiting.delete(id);
      const began = performance.now();
      await this.#take(id, (over) => this.#rollUp(id, over));
      await this.#makeWay(performance.now() - began);
    });
  }

  #do(what: () => Promise<void>): void {
    this.#work = this.#work.then(() => this.#logged({}, what));
  }

  /** While runs come in, two thirds of the time are theirs alone. */
  async #makeWay(workedMs: number): Promise<void> {
    if (this.#fresh.size === 0) return;
    const restMs = Math.min(2 * workedMs, this.#pace.longestMs);
    await sleep(restMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  async #logged(what: object, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#server.log.error({ ...what, err: error }, late);
    }
  }

  async #rollUp(id: CustomerId, over: AbortSignal): Promise<void> {
    const fence = this.#lease.fence;
    if (this.#stopping.signal.aborted || fence === undefined) return;
    try {
      const hours = await this.#bringUpToDate(id, fence, AbortSignal.any([over, this.#stopping.signal]));
      if (hours > 0) this.#server.log.debug({ customer: id, hours, fence }, 'rolled up');
    } catch (error) {
      if (!(error instanceof Outrun)) throw error;
      this.#lease.outrunBy(error.by);
    }
  }

  async #bringUpToDate(id: CustomerId, fence: number, turn: AbortSignal): Promise<number> {
    const { registry, customers, now, log } = this.#server;
    const row = await registry<CustomerRow>('customers').where({ id }).first('time_zone', 'business_hours');
    if (!row) return 0;
    const guard = (trx: CustomerDb) => passFence(trx, fence);
    return customers.use(id, async (db) => {
      const businessHours = row.business_hours ?? usualBusinessHours;
      const progress = (monitor: string, from: number) =>
        log.info(
          { customer: id, monitor, from: new Date(from) },
          'hours are made anew by another calendar, from here on',
        );
      const leave: Leave = (monitor, err) => {
        if (err instanceof Outrun || isUnusable(err)) throw err; // with all others it would be the same
        log.error({ customer: id, monitor, err }, late);
      };
      const calendar = { timeZone: row.time_zone, businessHours };
      if (!(await adoptCalendar(db, calendar, { signal: turn, guard, progress }))) return 0;
      const hours = await rollUpDirty(db, turn, guard, this.#plan, leave);
      if (performance.now() - (this.#closed.get(id) ?? Number.NEGATIVE_INFINITY) < this.#pace.closeMs) return hours;
      await closeHours(db, now(), turn, guard, leave);
      if (!turn.aborted) this.#closed.set(id, performance.now());
      return hours;
    });
  }

  /** On SQLite much is read in a thread, so that the server goes on meanwhile; it then only writes what was found. */
  readonly #plan: typeof planSpans = (db, spans, calendar) => {
    const marks = spans.reduce((sum, span) => sum + span.marks, 0);
    const file = marks > fewMarks ? fileOf(db) : undefined;
    return file === undefined ? planSpans(db, spans, calendar) : this.#thread.ask(file, 'planSpans', spans, calendar);
  };
}
