import type { DayRollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { hourMs } from '../rollups/hours.ts';

/** No day is longer (ms). */
export const longestDayMs = 25 * hourMs;

/**
 * Days that begin before `to` (ms), the newest first: by them what is rare is found without reading all rows since. Of days
 * that are not closed yet, the last two or so, there are rows alone.
 */
export function newestDays(
  db: CustomerDb,
  of: Pick<DayRollupRow, 'monitor_id' | 'scope' | 'transaction_id'>,
  to: number,
) {
  return db<DayRollupRow>('day_rollups')
    .where({ ...of, business: 0 })
    .where('day', '<', to)
    .orderBy('day', 'desc');
}
