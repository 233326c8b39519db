import { monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow, SealedHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Period } from '../reports/shapes.ts';
import { hourMs } from './hours.ts';

/*
 * Runs of a closed month can be in the archive alone. So the hours in which they started are sealed: nobody makes them anew
 * of the rows that are left, and what comes late is added to them.
 */

/** The instant before which all hours are sealed: the end of the last closed month; 0: none is. */
export async function sealedUntil(db: CustomerDb): Promise<number> {
  const last = await db<ArchiveMonthRow>('archive_months').orderBy('from_at', 'desc').first('from_at');
  return last ? monthOf(last.from_at).to : 0;
}

/** An hour of a monitor at a sentinel. */
export interface HourAt extends Period {
  monitorId: string;
  sentinelId: string;
}

/** Tells whether an hour is sealed: one of these monitors that has a part in a time. */
export async function sealedHours(
  db: CustomerDb,
  monitorIds: readonly string[],
  { from, to }: Period,
): Promise<(hour: HourAt) => boolean> {
  const until = await sealedUntil(db);
  if (until === 0) return () => false;
  const rows = await db<SealedHourRow>('sealed_hours')
    .whereIn('monitor_id', [...monitorIds])
    .where('hour', '>', from - hourMs)
    .where('hour', '<', to);
  const byPlace = Map.groupBy(rows, ({ monitor_id, sentinel_id }) => `${monitor_id} ${sentinel_id}`);
  return ({ from, to, monitorId, sentinelId }) =>
    from < until ||
    (byPlace.get(`${monitorId} ${sentinelId}`) ?? []).some(({ hour }) => hour < to && hour + hourMs > from);
}
