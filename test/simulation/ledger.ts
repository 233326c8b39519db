import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { runKey } from '../../db/customer/run-key.ts';
import type { Assignment, Run } from '../../sentinel/protocol/messages.ts';
import { expectedRuns, shift } from '../../sentinel/protocol/schedule.ts';
import type { Spool } from '../../sentinel/spool/spool.ts';
import { Broken } from './history.ts';

/** Most runs set aside in one simulation. */
const many = 10_000;

/**
 * What one sentinel's spool has promised, against what the customer's database holds. The promises: a confirmed run is
 * there once, as it was, or set aside or counted as dropped; nothing leaves the spool that the server has not committed.
 */
export class Ledger implements Disposable {
  readonly #db: DatabaseSync;
  readonly #find: StatementSync;
  readonly #results: StatementSync;
  readonly #ids: StatementSync;
  readonly #skips: StatementSync;
  readonly #allSkips: StatementSync;
  readonly #times: StatementSync;
  readonly #first: StatementSync;
  readonly #sentinelId: string;
  /** Runs that were given to the spool, and those it said it has. */
  readonly #offered = new Map<string, Run>();
  readonly #confirmed = new Set<string>();

  constructor(database: string, sentinelId: string) {
    this.#db = new DatabaseSync(database, { readOnly: true });
    this.#sentinelId = sentinelId;
    this.#find = this.#db.prepare('SELECT * FROM runs WHERE id = ?');
    this.#results = this.#db.prepare('SELECT count(*) AS n FROM transaction_results WHERE run_id = ?');
    const where = 'WHERE monitor_id = ? AND sentinel_id = ?';
    this.#skips = this.#db.prepare(`SELECT coalesce(sum(count), 0) AS n FROM skips ${where}`);
    this.#allSkips = this.#db.prepare('SELECT coalesce(sum(count), 0) AS n FROM skips WHERE sentinel_id = ?');
    this.#times = this.#db.prepare(`SELECT count(DISTINCT due_at) AS n FROM runs ${where}`);
    const firstIn = (table: string, time: string) =>
      `SELECT min(${time}) AS at FROM ${table} WHERE monitor_id = :monitorId AND sentinel_id = :sentinelId`;
    this.#first = this.#db.prepare(
      `SELECT min(at) AS at FROM (${firstIn('runs', 'due_at')} UNION ALL ${firstIn('skips', 'sentinel_from_at')})`,
    );
    this.#ids = this.#db.prepare('SELECT lower(hex(id)) AS id FROM runs WHERE sentinel_id = ?');
  }

  offered(run: Run): void {
    this.#offered.set(run.id, run);
  }

  stored(run: Run): void {
    this.#confirmed.add(run.id);
  }

  /** What is broken if these runs leave the spool now as delivered. */
  leaving(ids: readonly string[]): Broken | undefined {
    const lost = ids.find((id) => !this.#find.get(runKey(id)));
    return lost === undefined ? undefined : new Broken(`the spool removes ${lost}, which the server has not committed`);
  }

  /** Compares everything, once all is sent that can be. */
  compare(spool: Spool): void {
    const { stored, acknowledged, waiting, rejected, dropped, damaged } = spool.depth();
    const setAside = new Set(spool.rejected(many).map(({ id }) => id));
    const missing = [...this.#confirmed].filter((id) => !this.#isThere(id) && !setAside.has(id));
    if (missing.length > dropped)
      throw new Broken(`confirmed, not there, not counted: ${missing} (${dropped} dropped)`);
    const counted = acknowledged + waiting + rejected + dropped;
    if (stored !== counted) throw new Broken(`${stored} runs were stored, ${counted} are accounted for`);
    if (damaged > 0) throw new Broken(`the spool was found damaged ${damaged} times`);
    const ids = this.#ids.all(this.#sentinelId).map(({ id }) => String(id));
    const known = new Set([...this.#offered.keys()].map((id) => id.replaceAll('-', '')));
    const stranger = ids.find((id) => !known.has(id));
    if (stranger) throw new Broken(`the database has the run ${stranger}, which no sentinel has made`);
  }

  /** No time of the schedule in a period was run twice, or run and skipped: the clock must not have been set in it. */
  compareTimes(assignments: readonly Assignment[], from: number, to: number): void {
    this.#eachTimeOnce();
    for (const { monitorId, schedule } of assignments) {
      const told = this.#told(monitorId);
      const expected = this.#expected(monitorId, schedule, from - schedule.everyMs, to);
      if (told > expected) throw new Broken(`of ${expected} times of ${monitorId}, ${told} were run or skipped`);
    }
  }

  /**
   * Each time of the schedule from the first to an instant was run or skipped; but for runs that were set aside or dropped,
   * spans that are not sent yet, and one time of each monitor that waits.
   */
  compareAllTimes(assignments: readonly Assignment[], spool: Spool, to: number): void {
    const untold = assignments.reduce((sum, { monitorId, schedule }) => {
      const first = this.#first.get({ monitorId, sentinelId: this.#sentinelId })?.at;
      return typeof first === 'number'
        ? sum + this.#expected(monitorId, schedule, first, to) - this.#told(monitorId)
        : sum;
    }, 0);
    const { rejected, dropped } = spool.depth();
    const unsent = spool.unsentSkips(many).reduce((sum, { count }) => sum + count, 0);
    const most = rejected + dropped + unsent + assignments.length;
    if (untold > most) throw new Broken(`${untold} times were neither run nor skipped, of which ${most} may be`);
  }

  /** What became of runs in ways that are seldom. */
  rarities(): Record<string, number> {
    const count = (where: string) =>
      Number(
        this.#db.prepare(`SELECT count(*) AS n FROM runs WHERE sentinel_id = ? AND ${where}`).get(this.#sentinelId)?.n,
      );
    const unconfirmed = [...this.#offered.keys()].filter((id) => !this.#confirmed.has(id));
    const delivered = unconfirmed.filter((id) => this.#isThere(id)).length;
    return {
      'run confirmed': this.#confirmed.size,
      'run stored without its evidence': count('evidence_missing IS NOT NULL'),
      retry: count('retry_of IS NOT NULL'),
      'time skipped': Number(this.#allSkips.get(this.#sentinelId)?.n),
      'unconfirmed run delivered': delivered,
      'unconfirmed run lost': unconfirmed.length - delivered,
    };
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** Whether a run is in the database; throws if it is not what it was, or not whole. */
  #isThere(id: string): boolean {
    const [row, run] = [this.#find.get(runKey(id)), this.#offered.get(id)];
    if (!row || !run) return false;
    const same =
      row.sentinel_id === this.#sentinelId &&
      row.monitor_id === run.monitorId &&
      row.due_at === run.dueAt &&
      row.sentinel_started_at === run.startedAt &&
      row.outcome === run.outcome;
    const results = Number(this.#results.get(runKey(id))?.n);
    if (!same || results !== run.transactions.length) throw new Broken(`run ${id} is not what the sentinel made of it`);
    return true;
  }

  #expected(monitorId: string, schedule: Assignment['schedule'], from: number, to: number): number {
    return expectedRuns(schedule, shift(schedule, monitorId, this.#sentinelId), from, to);
  }

  /** Times that were run or skipped, as far as the server knows. */
  #told(monitorId: string): number {
    const [skips, times] = [this.#skips, this.#times].map((count) => count.get(monitorId, this.#sentinelId)?.n);
    return Number(skips) + Number(times);
  }

  /** No time of the schedule has two runs, but for a retry and the run it confirms. */
  #eachTimeOnce(): void {
    const times = new Set<string>();
    for (const run of this.#offered.values()) {
      if (run.retryOf !== undefined) continue;
      const time = `${run.scriptSha256} ${run.monitorId} ${run.dueAt}`;
      if (times.has(time)) throw new Broken(`a time of the schedule was run twice: ${time}`);
      times.add(time);
    }
  }
}
