import { join } from 'node:path';
import type { Knex } from 'knex';
import { customerMigrations } from './customer/migrations.ts';
import type { CustomerId } from './customer-id.ts';
import type { MysqlAddress } from './engines/mysql.ts';
import { type DatabaseAddress, openDatabase } from './open-database.ts';
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
   * Lends `work` the customer's database, opened and migrated as need be; don't keep it beyond `work`. Waits while as
   * many others are in use as may be open. Throws `CustomerUnknown`, `DatabaseUnusable`, and `SchemaTooNew` if a newer
   * version has used it.
   */
  use<T>(id: CustomerId, work: (db: CustomerDb) => Promise<T>): Promise<T>;
  /** Closes the customer's database as soon as nobody uses it; a later use opens it anew. */
  forget(id: CustomerId): Promise<void>;
  /** Has `done` called, and waited for, before a customer's database is closed: whoever has it open elsewhere closes it there. */
  beforeClosing(done: (db: CustomerDb) => Promise<void>): void;
  /** Where the customer's files lie: database, evidence, script key. */
  folder(id: CustomerId): string;
  /** Waits for work in progress, then closes every database. */
  close(): Promise<void>;
}

/** One may be read by a report and written to by ingest at the same time, of which several commits are under way. */
export const connectionsEach = 3;

/** How many customers' databases may be open at a time. */
export interface KeepOpen {
  /** Files of SQLite: each takes three of the process, and what it keeps in memory is bounded for all together. */
  files: number;
  /** On each database server by itself, so that one that hangs holds up no customer of another. */
  onEachServer: number;
}

interface Open {
  db: Promise<CustomerDb>;
  users: number;
  place: Place;
}

/** What the customers at one place take up of what they may: open, being opened, being closed. */
interface Place {
  taken: number;
  most: number;
}

/**
 * Every customer's database, of which those used last stay open, and never more than `keepOpen` says. `addressOf` says
 * where one is; files lie below `dataFolder`.
 */
export function openCustomers(
  dataFolder: string,
  registry: Registry,
  addressOf: (row: CustomerRow) => Promise<DatabaseAddress>,
  keepOpen: KeepOpen = { files: 500, onEachServer: 50 },
): Customers {
  const opened = new Map<CustomerId, Open>(); // in order of use, longest ago first
  const places = new Map<string, Place>();
  /** Whose schema was seen to be of this version. Should a newer one change it, the registry says so. */
  const upToDate = new Set<CustomerId>();
  let [closing, arriving, beingClosed] = [false, 0, 0];
  const listeners: ((db: CustomerDb) => Promise<void>)[] = [];
  /** Resolved whenever one may have become free. */
  let freed = Promise.withResolvers<void>();

  function tellFreed(): void {
    freed.resolve();
    freed = Promise.withResolvers();
  }

  async function take(id: CustomerId): Promise<Open> {
    arriving += 1;
    try {
      const place = opened.get(id)?.place ?? placeOf(await customerRow(registry, id));
      while (!opened.has(id) && place.taken >= place.most) await makeRoom(place);
      const entry = opened.get(id) ?? open(id, place);
      opened.delete(id);
      opened.set(id, entry);
      entry.users += 1;
      return entry;
    } finally {
      arriving -= 1;
      if (closing) tellFreed();
    }
  }

  async function makeRoom(place: Place): Promise<void> {
    if (closing) throw new Error('the server is stopping');
    const idle = [...opened].find(([, candidate]) => candidate.users === 0 && candidate.place === place);
    if (idle) await drop(...idle);
    else await freed.promise;
  }

  function open(id: CustomerId, place: Place): Open {
    place.taken += 1;
    return { db: openCustomer(registry, id, addressOf, upToDate), users: 0, place };
  }

  function placeOf({ engine, database_server }: CustomerRow): Place {
    const [name, most] =
      engine === 'sqlite' ? ['files', keepOpen.files] : [`server ${database_server ?? ''}`, keepOpen.onEachServer];
    const place = places.get(name) ?? { taken: 0, most };
    places.set(name, place);
    return place;
  }

  async function release(id: CustomerId, entry: Open): Promise<void> {
    entry.users -= 1;
    if (entry.users === 0 && (await failed(entry)) && opened.get(id) === entry) {
      opened.delete(id); // to be tried anew
      entry.place.taken -= 1;
    }
    tellFreed();
  }

  async function drop(id: CustomerId, entry: Open): Promise<void> {
    opened.delete(id);
    beingClosed += 1;
    while (entry.users > 0) await freed.promise;
    // One that couldn't be opened has told its user already and holds nothing.
    if (!(await failed(entry))) {
      const db = await entry.db;
      await Promise.all(listeners.map((done) => done(db)));
      await db.destroy();
    }
    beingClosed -= 1;
    entry.place.taken -= 1;
    tellFreed();
  }

  return {
    beforeClosing: (done) => void listeners.push(done),
    folder: (id) => join(dataFolder, 'customers', id),
    async use(id, work) {
      if (closing) throw new Error('the server is stopping');
      const entry = await take(id);
      try {
        return await work(await entry.db);
      } finally {
        await release(id, entry);
      }
    },
    async forget(id) {
      upToDate.delete(id);
      const entry = opened.get(id);
      if (entry) await drop(id, entry);
    },
    async close() {
      closing = true;
      tellFreed();
      while (arriving + opened.size + beingClosed > 0) {
        const idle = [...opened].filter(([, entry]) => entry.users === 0);
        if (idle.length === 0) await freed.promise;
        await Promise.all(idle.map(([id, entry]) => drop(id, entry)));
      }
    },
  };
}

async function customerRow(registry: Registry, id: CustomerId): Promise<CustomerRow> {
  const row = await registry<CustomerRow>('customers').where({ id }).first();
  if (!row) throw new CustomerUnknown(`there is no customer ${id}`);
  return row;
}

async function openCustomer(
  registry: Registry,
  id: CustomerId,
  addressOf: (row: CustomerRow) => Promise<DatabaseAddress>,
  upToDate: Set<CustomerId>,
): Promise<CustomerDb> {
  const row = await customerRow(registry, id); // it may have been erased while it waited
  const isKnown = upToDate.has(id) && row.schema_version === customerMigrations.length;
  const db = (await openDatabase(await addressOf(row), isKnown ? 'up to date' : customerMigrations, {
    connections: connectionsEach,
    wasThere: row.schema_version !== null,
    renew: async () => (await addressOf(await customerRow(registry, id))) as MysqlAddress,
  })) as CustomerDb;
  try {
    await keepVersion(registry, row);
    upToDate.add(id);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function keepVersion(registry: Registry, row: CustomerRow): Promise<void> {
  const schema_version = customerMigrations.length;
  if (row.schema_version === schema_version) return;
  await registry<CustomerRow>('customers').where({ id: row.id }).update({ schema_version });
}

async function failed(entry: Open): Promise<boolean> {
  return entry.db.then(
    () => false,
    () => true,
  );
}
