import type { RunRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { longestDayMs, newestDays } from './newest-days.ts';
import { aheadMs, type StripRow } from './recent-runs.ts';
import type { Period, Trouble } from './shapes.ts';
import { wrongTransactions } from './wrong-transactions.ts';

/**
 * The current row of failed runs of a failing monitor: those since the last passed one, at each sentinel whose last
 * counted run failed (`failing`, not empty). Code and message are those of the latest.
 */
export async function troubleOf(
  db: CustomerDb,
  monitorId: string,
  failing: readonly [StripRow, ...StripRow[]],
  now: number,
): Promise<Trouble> {
  const latest = failing.reduce((a, b) => (b.started_at > a.started_at ? b : a));
  let [since, count] = [latest.started_at, 0];
  for (const { sentinel_id } of failing) {
    const passedAt = await lastPassedAt(db, monitorId, sentinel_id, now);
    const row = await failedSince(db, monitorId, sentinel_id, passedAt, latest.started_at);
    since = Math.min(since, row.since ?? since);
    count += row.count;
  }
  const run = await db<RunRow>('runs').where({ id: latest.id }).first('error_code', 'error_message');
  const wrong = (await wrongTransactions(db, [latest.id])).get(latest.id);
  return {
    transaction: wrong?.name ?? null,
    errorCode: run?.error_code ?? wrong?.errorCode ?? null,
    message: run?.error_message ?? wrong?.message ?? null,
    since,
    count,
    locations: await locationNames(db, failing),
  };
}

/**
 * When the newest run started that passed at a sentinel; undefined if there is none. There is no tree of runs by sentinel:
 * of one that never passes every passed run of the others would be read.
 */
async function lastPassedAt(
  db: CustomerDb,
  monitor_id: string,
  sentinel_id: string,
  now: number,
): Promise<number | undefined> {
  const lastIn = async ({ from, to }: Period) => {
    const newest: Pick<RunRow, 'started_at'> | undefined = await db('runs')
      .where({ monitor_id, outcome: 'passed', counts: 1, sentinel_id })
      .where('started_at', '>=', from)
      .where('started_at', '<', to)
      .orderBy('started_at', 'desc')
      .first('started_at');
    return newest?.started_at;
  };
  const to = now + aheadMs + 1;
  const days = () => newestDays(db, { monitor_id, scope: 'sentinel', transaction_id: 0 }, to);
  const closed = await days().first('day');
  const recent = await lastIn({ from: closed?.day ?? 0, to });
  if (recent !== undefined || !closed) return recent;
  const day = await days().where({ place: sentinel_id }).where('passed', '>', 0).first('day');
  return day && lastIn({ from: day.day, to: day.day + longestDayMs });
}

async function failedSince(
  db: CustomerDb,
  monitorId: string,
  sentinelId: string,
  passedAt: number | undefined,
  until: number,
): Promise<{ since: number | null; count: number }> {
  const query = db('runs').where({ monitor_id: monitorId, outcome: 'failed', sentinel_id: sentinelId, counts: 1 });
  if (passedAt !== undefined) query.where('started_at', '>', passedAt);
  const [row] = await query
    .where('started_at', '<=', until)
    .select<{ since: number | null; count: number }[]>(db.raw('min(started_at) as since'), db.raw('count(*) as count'));
  return row ?? { since: null, count: 0 };
}

async function locationNames(db: CustomerDb, runs: readonly StripRow[]): Promise<string[]> {
  const ids = [...new Set(runs.map((run) => run.location_id))];
  return db('locations').whereIn('id', ids).orderBy('name').pluck('name');
}
