import type { MonitorRow, SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { type Era, eras } from '../assignments/schedules.ts';

export type WatchingSentinel = Pick<SentinelRow, 'id' | 'location_id' | 'enrolled_at' | 'revoked_at'>;

/** A monitor, by what schedule it runs, and who may run it. */
export interface Watched {
  monitor: MonitorRow;
  /** Oldest first. */
  eras: Era[];
  /** All of the customer. */
  sentinels: WatchingSentinel[];
}

/** Every monitor with the sentinels, by id, in the order of their names; or those of `monitorIds` alone. */
export async function watchedMonitors(db: CustomerDb, monitorIds?: readonly string[]): Promise<Map<string, Watched>> {
  const all = db<MonitorRow>('monitors').orderBy('name');
  const monitors = await (monitorIds ? all.whereIn('id', monitorIds) : all);
  const erasOf = await eras(db, monitorIds);
  const sentinels: WatchingSentinel[] = await db('sentinels').select('id', 'location_id', 'enrolled_at', 'revoked_at');
  return new Map(monitors.map((monitor) => [monitor.id, { monitor, eras: erasOf(monitor), sentinels }]));
}
