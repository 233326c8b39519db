import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';

/** What became of one customer's database. */
export interface Migrated {
  id: CustomerId;
  name: string;
  /** How many steps its schema had before, as the registry knew, and has now; null: never opened. */
  before: number | null;
  version: number | null;
  /** Why it could not be brought up to date: see `migrate` for what became of it. The others are done. */
  error?: string;
}

type Server = Pick<ServerContext, 'registry' | 'customers'>;

/**
 * Brings every customer's database to this version's schema, `atOnce` at a time, and tells of each as it is done. After a
 * crash the next call does the rest.
 */
export async function migrateAll(server: Server, atOnce: number, tell: (one: Migrated) => void): Promise<Migrated[]> {
  const rows = await server.registry<CustomerRow>('customers').orderBy('name');
  const results: Migrated[] = [];
  const waiting = rows.values();
  const work = async () => {
    for (const row of waiting) {
      const result = await migrateOne(server, row);
      results.push(result);
      tell(result);
      await sleep(0); // with SQLite nothing else waits for anything
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results.toSorted((a, b) => a.name.localeCompare(b.name));
}

async function migrateOne({ registry, customers }: Server, row: CustomerRow): Promise<Migrated> {
  const { id, name, schema_version: before } = row;
  try {
    await customers.use(id, async () => {});
    const now = await registry<CustomerRow>('customers').where({ id }).first('schema_version');
    return { id, name, before, version: now?.schema_version ?? null };
  } catch (error) {
    return { id, name, before, version: before, error: error instanceof Error ? error.message : String(error) };
  }
}
