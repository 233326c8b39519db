import type { DirtyHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** An hour of a monitor at a sentinel whose rollup no longer matches its rows. */
export type DirtyHour = Omit<DirtyHourRow, 'marks'>;

/** Hours in one statement; knex writes them as parts of one SELECT, of which SQLite takes at most 500. */
const atOnce = 400;

/** Says that hours must be recomputed; call it in the transaction that changes their rows. */
export async function markDirty(db: CustomerDb, hours: readonly DirtyHour[]): Promise<void> {
  const distinct = new Map(hours.map((h) => [`${h.hour} ${h.monitor_id} ${h.sentinel_id}`, h]));
  const rows = [...distinct.values()].map((hour) => ({ ...hour, marks: 1 }));
  for (let at = 0; at < rows.length; at += atOnce) {
    await db('dirty_hours')
      .insert(rows.slice(at, at + atOnce))
      .onConflict(['hour', 'monitor_id', 'sentinel_id'])
      .merge({ marks: db.raw('dirty_hours.marks + 1') });
  }
}

/** The dirty hours of one monitor's oldest dirty hour, one row for each sentinel; none when all is rolled up. */
export async function nextDirty(db: CustomerDb): Promise<DirtyHourRow[]> {
  const first = await db<DirtyHourRow>('dirty_hours').orderBy(['hour', 'monitor_id']).first('hour', 'monitor_id');
  if (!first) return [];
  return db<DirtyHourRow>('dirty_hours').where({ hour: first.hour, monitor_id: first.monitor_id });
}

/** Takes a mark off, unless the hour was marked again since it was read. */
export async function unmark(db: CustomerDb, { hour, monitor_id, sentinel_id, marks }: DirtyHourRow): Promise<void> {
  await db<DirtyHourRow>('dirty_hours').where({ hour, monitor_id, sentinel_id, marks }).delete();
}
