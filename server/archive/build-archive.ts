import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { monthOf } from '../../db/customer/months.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { testDatabase } from '../../db/test-database.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { addCustomer } from '../accounts/customers.ts';
import { commandLine } from '../audit/audit.ts';
import { type ServerConfig, serverConfig } from '../config.ts';
import { dropDatabase } from '../databases/customer-database.ts';
import { closeContext, openContext, type ServerContext } from '../http/context.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { makeArchiveKey, type NewArchiveKey } from './keys.ts';

/** The present of these tests: January and February 2025 are older than a customer's 18 months. */
export const present = Date.UTC(2026, 8, 10);
export const january = monthOf(Date.UTC(2025, 0));

export interface ArchiveWorld extends AsyncDisposable {
  server: ServerContext;
  config: ServerConfig;
  customer: { id: CustomerId; name: string };
  key: NewArchiveKey;
  /** Where the archive's folder is. */
  root: string;
  monitorId: string;
  sentinel: { id: string; locationId: string };
  use<T>(work: (db: CustomerDb) => Promise<T>): Promise<T>;
  /** Takes in runs that started at these instants (ms), received soon after or at `now`; every fifth failed. Returns them. */
  send(times: readonly number[], now?: number): Promise<Run[]>;
}

/** For tests: a server's data with one customer since 2025, who has an archive with a key. */
export async function buildArchive(options: { keepCopy?: boolean } = {}): Promise<ArchiveWorld> {
  const place = await testDatabase();
  const root = join(place.folder, 'archive');
  mkdirSync(root);
  const given = { dataFolder: join(place.folder, 'server'), archiveFolder: root, logLevel: 'silent' };
  const config: ServerConfig = {
    ...serverConfig({ ...given, ...(place.url && { databaseUrl: place.url }) }, {}),
    now: () => present,
  };
  const server = await openContext(config);
  const customer = await addCustomer(server, 'Acme');
  const created_at = Date.UTC(2025, 2, 5);
  await server.registry<CustomerRow>('customers').where({ id: customer.id }).update({ created_at });
  const key = await makeArchiveKey(
    server,
    customer,
    { name: 'safe', keepCopy: options.keepCopy ?? false },
    commandLine,
  );
  const use: ArchiveWorld['use'] = (work) => server.customers.use(customer.id, work);
  const sentinel = { id: crypto.randomUUID(), locationId: crypto.randomUUID() };
  const monitorId = await use(async (db) => {
    await db('locations').insert({ id: sentinel.locationId, name: 'Utrecht' });
    const row = { name: 'desk-12', platform: 'linux', version: '0.1.0', enrolled_at: 0 };
    await db('sentinels').insert({ id: sentinel.id, location_id: sentinel.locationId, ...row });
    return (await buildMonitor(db, { name: 'Web, "shop"', created_at })).id;
  });
  return {
    ...{ server, config, customer, key, root, monitorId, sentinel, use },
    async send(times, now) {
      const runs = times.map((startedAt, i) => (i % 5 === 4 ? buildFailedRun : buildRun)({ monitorId, startedAt }));
      await use(async (db) => {
        for (let at = 0; at < runs.length; at += 500) {
          const some = runs.slice(at, at + 500);
          await ingest(db, sentinel, some, now ?? (some.at(-1)?.startedAt ?? 0) + 60_000);
        }
        await rollUpDirty(db);
      });
      return runs;
    },
    async [Symbol.asyncDispose]() {
      const rows = await server.registry<CustomerRow>('customers');
      for (const row of rows) await dropDatabase(server, row);
      await closeContext(server);
      await place[Symbol.asyncDispose]();
    },
  };
}
