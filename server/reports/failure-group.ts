import type { FailureHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { FailureGroupAnswer } from './failure-shapes.ts';
import { failureGroup, wholeHours } from './failures.ts';
import { runsWithKeys } from './runs.ts';
import type { Period } from './shapes.ts';

/**
 * A group of failures with its runs in the period, newest first: those of so many whole hours that there are at least
 * `limit`, if there are as many. Undefined when the customer has no such group.
 */
export async function failureGroupAnswer(
  db: CustomerDb,
  id: number,
  asked: Period,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<FailureGroupAnswer | undefined> {
  const period = await wholeHours(db, asked);
  const group = await failureGroup(db, id, period);
  if (!group) return undefined;
  const within = { from: period.from, to: Math.min(period.to, before ?? period.to) };
  const newest = await hoursOf(db, id, within).limit(limit);
  let [since, sum] = [within.to, 0];
  for (const row of newest) {
    if (sum >= limit && row.hour < since) break;
    since = row.hour;
    sum += row.count;
  }
  const rows = await hoursOf(db, id, { from: since, to: within.to });
  const earlier = await hoursOf(db, id, { from: within.from, to: since }).first();
  const keys = rows.flatMap((row) => keysIn(row.runs));
  return { period, group, runs: await runsWithKeys(db, keys), next: earlier ? since : null };
}

function hoursOf(db: CustomerDb, groupId: number, { from, to }: Period) {
  return db<FailureHourRow>('failure_hours')
    .where({ group_id: groupId })
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .orderBy('hour', 'desc')
    .select('hour', 'count', 'runs');
}

function keysIn(runs: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.floor(runs.length / 16) }, (_, i) => runs.slice(i * 16, (i + 1) * 16));
}
