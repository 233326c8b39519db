import type { LocationRow, MonitorRow, SentinelRow, TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** By which people know a thing: what stands for its key in the files. */
export interface Name {
  id: string;
  name: string;
}

/** Whose rows lie together in the files. */
export interface NamedMonitor extends Name {
  /** As rows name it. */
  key: string;
  /** In the order of their names. */
  transactions: readonly { key: number; name: string }[];
}

export interface Names {
  /** In the order of their names. */
  monitors: readonly NamedMonitor[];
  sentinels: ReadonlyMap<string, Name>;
  locations: ReadonlyMap<string, Name>;
}

/** All names that rows of a customer go by. */
export async function readNames(db: CustomerDb): Promise<Names> {
  const monitors = await db<MonitorRow>('monitors').select('id', 'name');
  const transactions = await db<TransactionRow>('transactions').select('id', 'monitor_id', 'name');
  const ofMonitor = Map.groupBy(transactions, (row) => row.monitor_id);
  return {
    monitors: monitors.sort(byName).map(({ id, name }) => ({
      ...{ key: id, id, name },
      transactions: (ofMonitor.get(id) ?? []).sort(byName).map((row) => ({ key: row.id, name: row.name })),
    })),
    sentinels: named(await db<SentinelRow>('sentinels').select('id', 'name')),
    locations: named(await db<LocationRow>('locations').select('id', 'name')),
  };
}

function named(rows: readonly Name[]): Map<string, Name> {
  return new Map(rows.map(({ id, name }) => [id, { id, name }]));
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
