import type { KeptHoursRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { together } from './together.ts';

/*
 * Figures by the hour do not stay for ever: of time long past there are those of days alone. A day that lost its hours stays
 * as it is; only what comes late is added to it. If the zone is changed after, it begins where no day begins any more: then it
 * belongs to the day in which its middle lies.
 */

const hourMs = 3_600_000;
/** From the beginning of a day to what counts as its middle: a day has 23 hours at least. */
export const toMiddleMs = 12 * hourMs;
/** Added to `business` of a row of such a day: without hours that a maintenance had a part in. */
export const outsideMaintenance = 2;

/** The instant from which on a monitor's hours are kept; 0: all are. */
export async function hoursFrom(db: CustomerDb, monitorId: string): Promise<number> {
  return (await keptOf(db, monitorId)).get(monitorId) ?? 0;
}

const keptOf = together(async (db, monitorIds: readonly string[]) => {
  const rows = await db<KeptHoursRow>('kept_hours').whereIn('monitor_id', monitorIds).select('monitor_id', 'from_at');
  return new Map(rows.map(({ monitor_id, from_at }) => [monitor_id, from_at]));
});

/** The same for a transaction that adds to hours or days: until its end no hours are removed. */
export async function holdHoursFrom(trx: CustomerDb, monitorId: string): Promise<number> {
  const row = await trx<KeptHoursRow>('kept_hours').where({ monitor_id: monitorId }).forShare().first('from_at');
  return row?.from_at ?? 0;
}

/** The same for the one that removes hours: to be asked before it reads anything. There must be a row: see `forgetHours`. */
export async function moveHoursFrom(trx: CustomerDb, monitorId: string): Promise<number> {
  const row = await trx<KeptHoursRow>('kept_hours').where({ monitor_id: monitorId }).forUpdate().first('from_at');
  return row?.from_at ?? 0;
}
