import type { MonitorRow, MonitorSentinelRow, SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { type Era, eras } from '../assignments/schedules.ts';

export interface WatchingSentinel extends Pick<SentinelRow, 'id' | 'location_id' | 'enrolled_at' | 'revoked_at'> {
  /** Whether the monitor is given to it. */
  assigned: boolean;
}

/** A monitor and who runs it by what schedule. */
export interface Watched {
  monitor: MonitorRow;
  /** Oldest first. */
  eras: Era[];
  /** All of the customer. */
  sentinels: WatchingSentinel[];
}

/** Every monitor with its sentinels, by id, in the order of their names; or the one of `monitorId` alone. */
export async function watchedMonitors(db: CustomerDb, monitorId?: string): Promise<Map<string, Watched>> {
  const monitors = await db<MonitorRow>('monitors')
    .where(monitorId === undefined ? {} : { id: monitorId })
    .orderBy('name');
  const erasOf = await eras(db, monitorId);
  const sentinels = await db<SentinelRow>('sentinels').select('id', 'location_id', 'enrolled_at', 'revoked_at');
  const given = db<MonitorSentinelRow>('monitor_sentinels').where(
    monitorId === undefined ? {} : { monitor_id: monitorId },
  );
  const chosen = Map.groupBy(await given, (row) => row.monitor_id);
  const watched = (monitor: MonitorRow): Watched => {
    const rows = chosen.get(monitor.id);
    const ids = rows && new Set(rows.map((row) => row.sentinel_id)); // of thousands each is looked up
    const all = sentinels.map((sentinel) => ({ ...sentinel, assigned: ids?.has(sentinel.id) ?? true }));
    return { monitor, eras: erasOf(monitor), sentinels: all };
  };
  return new Map(monitors.map((monitor) => [monitor.id, watched(monitor)]));
}
