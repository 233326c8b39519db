import type { RunRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { lastWith, type StripRow } from './recent-runs.ts';
import type { Trouble } from './shapes.ts';
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
    const passedAt = await lastWith(db, monitorId, 'passed', now, sentinel_id);
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
