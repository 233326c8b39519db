import type { FailureHourRow } from '../../db/customer/rows.ts';
import { runIdOf, runKey } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { FailureGroupAnswer } from './failure-shapes.ts';
import { failureGroup, wholeHours } from './failures.ts';
import { type Cursor, runsWithKeys } from './runs.ts';
import type { Period } from './shapes.ts';

/**
 * A group of failures with at most `limit` of its runs in the period, the newest hour and id first, from `before` on: an hour
 * (ms) and a run of it. Undefined when the customer has no such group.
 */
export async function failureGroupAnswer(
  db: CustomerDb,
  id: number,
  asked: Period,
  { before, limit }: { before?: Cursor | undefined; limit: number },
): Promise<FailureGroupAnswer | undefined> {
  const period = await wholeHours(db, asked);
  const group = await failureGroup(db, id, period);
  if (!group) return undefined;
  const to = Math.min(period.to, before?.at ?? period.to);
  const begun = before ? await namedIn(db, id, { from: before.at, to: before.at + 1 }) : [];
  const rest = begun.filter((one) => before && one.id < before.id);
  const found = rest.length > limit ? rest : [...rest, ...(await newest(db, id, { from: period.from, to }, limit + 1))];
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  const runs = await runsWithKeys(
    db,
    shown.map((one) => runKey(one.id)),
  );
  return { period, group, runs, next: last ? `${last.hour}_${last.id}` : null };
}

/** A run that an hour names. */
interface Named {
  hour: number;
  id: string;
}

/** Those of so many whole hours that there are at least `count`, if there are as many: each place in an hour names one. */
async function newest(db: CustomerDb, groupId: number, within: Period, count: number): Promise<Named[]> {
  const hours: number[] = await hoursOf(db, groupId, within).orderBy('hour', 'desc').limit(count).pluck('hour');
  const since = hours.at(-1);
  return since === undefined ? [] : namedIn(db, groupId, { from: since, to: within.to });
}

/** The newest hour first, and in it the newest id. */
async function namedIn(db: CustomerDb, groupId: number, period: Period): Promise<Named[]> {
  const rows: Pick<FailureHourRow, 'hour' | 'runs'>[] = await hoursOf(db, groupId, period).select('hour', 'runs');
  const named = rows.flatMap(({ hour, runs }) => idsIn(runs).map((id) => ({ hour, id })));
  return named.sort((a, b) => b.hour - a.hour || (a.id < b.id ? 1 : -1));
}

function hoursOf(db: CustomerDb, groupId: number, { from, to }: Period) {
  return db('failure_hours').where({ group_id: groupId }).where('hour', '>=', from).where('hour', '<', to);
}

function idsIn(runs: Uint8Array): string[] {
  return Array.from({ length: Math.floor(runs.length / 16) }, (_, i) => runIdOf(runs.subarray(i * 16, (i + 1) * 16)));
}
