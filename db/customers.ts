import { join } from 'node:path';
import type { Knex } from 'knex';
import { customerMigrations } from './customer/migrations.ts';
import type { CustomerId } from './customer-id.ts';
import { openDatabase } from './open-database.ts';
import type { Registry } from './registry/registry.ts';
import type { CustomerRow } from './registry/rows.ts';

export type { CustomerId } from './customer-id.ts';

declare const brand: unique symbol;

/** The database of one customer. Whoever holds it can reach nothing of any other. */
export type CustomerDb = Knex & { readonly [brand]: 'customer database' };

/** The registry has no such customer. */
export class CustomerUnknown extends Error {
  override readonly name = 'CustomerUnknown';
}

export interface Customers {
  /**
   * Lends `work` the customer's database, opened and migrated as need be; don't keep it beyond `work`.
   * Throws `CustomerUnknown`, and `SchemaTooNew` if a newer version has used it.
   */
  use<T>(id: CustomerId, work: (db: CustomerDb) => Promise<T>): Promise<T>;
  /** Where the customer's files lie: database, evidence, script key. */
  folder(id: CustomerId): string;
  /** Waits for work in progress, then closes every database. */
  close(): Promise<void>;
}

interface Open {
  db: Promise<CustomerDb>;
  users: number;
  /** When the last user has gone. */
  idle: PromiseWithResolvers<void> | undefined;
}

/** Every customer's database, of which the `keepOpen` last used stay open. */
export function openCustomers(dataFolder: string, registry: Registry, keepOpen = 100): Customers {
  const opened = new Map<CustomerId, Open>(); // in order of use, longest ago first
  const folder = (id: CustomerId) => join(dataFolder, 'customers', id);
  let closing = false;

  function take(id: CustomerId): Open {
    const entry = opened.get(id) ?? { db: openCustomer(registry, id, folder), users: 0, idle: undefined };
    opened.delete(id);
    opened.set(id, entry);
    entry.users += 1;
    return entry;
  }

  async function release(id: CustomerId, entry: Open): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.idle?.resolve();
    if (await failed(entry)) forget(id, entry);
    else if (opened.size > keepOpen) await closeLongestIdle(opened);
  }

  /** Someone may have opened it anew meanwhile. */
  function forget(id: CustomerId, entry: Open): void {
    if (opened.get(id) === entry) opened.delete(id);
  }

  return {
    folder,
    async use(id, work) {
      if (closing) throw new Error('the server is stopping');
      const entry = take(id);
      try {
        return await work(await entry.db);
      } finally {
        await release(id, entry);
      }
    },
    async close() {
      closing = true;
      await Promise.all([...opened.values()].map(closeWhenIdle));
      opened.clear();
    },
  };
}

async function openCustomer(registry: Registry, id: CustomerId, folder: (id: CustomerId) => string) {
  const row = await registry<CustomerRow>('customers').where({ id }).first('engine');
  if (!row) throw new CustomerUnknown(`there is no customer ${id}`);
  return (await openDatabase(join(folder(id), 'live.sqlite'), customerMigrations)) as CustomerDb;
}

async function failed(entry: Open): Promise<boolean> {
  return entry.db.then(
    () => false,
    () => true,
  );
}

async function closeLongestIdle(opened: Map<CustomerId, Open>): Promise<void> {
  const [id, entry] = [...opened].find(([, candidate]) => candidate.users === 0) ?? [];
  if (!id || !entry) return;
  opened.delete(id);
  await closeWhenIdle(entry);
}

async function closeWhenIdle(entry: Open): Promise<void> {
  if (entry.users > 0) {
    entry.idle = Promise.withResolvers();
    await entry.idle.promise;
  }
  // One that couldn't be opened has told its user already and holds nothing.
  if (!(await failed(entry))) await (await entry.db).destroy();
}
