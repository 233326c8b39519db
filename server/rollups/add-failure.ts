import type { FailureGroupRow, FailureHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { groupId, mostNamed } from './failures-of-hour.ts';

/** A run that went wrong, and with which others it is told of. */
export interface AddedFailure {
  runKey: Uint8Array;
  group: Omit<FailureGroupRow, 'id'>;
}

type Place = Pick<FailureHourRow, 'monitor_id' | 'hour' | 'sentinel_id' | 'location_id'>;

/** Adds a run that went wrong to its kind of failures, in an hour that nobody makes anew. */
export async function addFailure(
  db: CustomerDb,
  place: Place,
  { runKey, group }: AddedFailure,
  startedAt: number,
): Promise<void> {
  const key = { ...place, group_id: await groupId(db, group) };
  const before = await db<FailureHourRow>('failure_hours').where(key).first();
  const runs = Buffer.concat([before?.runs ?? new Uint8Array(), runKey]).subarray(-mostNamed * runKey.length);
  const row: FailureHourRow = {
    ...{ ...key, count: (before?.count ?? 0) + 1, runs },
    first_at: Math.min(before?.first_at ?? startedAt, startedAt),
    last_at: Math.max(before?.last_at ?? startedAt, startedAt),
  };
  await db<FailureHourRow>('failure_hours').where(key).delete();
  await db('failure_hours').insert(row);
}
