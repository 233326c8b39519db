import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Knex } from 'knex';
import { openPrivateFolder } from '../../certs/private-file.ts';
import { copyRows } from '../../db/copy/copy-rows.ts';
import { fingerprint } from '../../db/copy/fingerprint.ts';
import { tablesOf } from '../../db/copy/tables.ts';
import { DatabaseUnusable } from '../../db/database-unusable.ts';
import { openDatabase } from '../../db/open-database.ts';
import { registryMigrations } from '../../db/registry/migrations.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { removeFile } from '../../db/remove-file.ts';
import { rememberRoot } from '../archive/mark.ts';
import type { ServerConfig } from '../config.ts';
import { refuseOthersDatabase, registryAddress } from '../databases/customer-database.ts';
import type { MasterKey } from '../databases/master-key.ts';
import { closeContext, openContext, type ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import {
  type AboutBackup,
  aboutSealed,
  copyPrivately,
  customersFolder,
  keysFolder,
  readAboutBackup,
  registryFile,
} from './backup-folder.ts';
import { type Progress, registryTables } from './export.ts';
import { importCustomer, type KeyLeft } from './import.ts';
import { syncAll } from './on-disk.ts';
import { workingCopy } from './working-copy.ts';

/** Tables of the registry that belong to a moment, or come with the customers. */
const leftOut = [
  'customers',
  'sessions',
  'operator_grants',
  'leases',
  'fresh_runs',
  'evidence_beyond_quota',
  'assignment_changes',
  'user_links',
  'known_devices',
  ...registryTables,
];

export interface Restored {
  /** Names. */
  customers: string[];
  /** Customers that are not there, and why; `file` can be imported on its own once that is put right. */
  failed: { customer: string; why: string; file: string; databaseServer: string | null }[];
  /** Copies of identities that can't be opened here: none, unless an earlier version made the backup. */
  keysLeft: (KeyLeft & { customer: string })[];
}

/**
 * Makes a server of a backup, in a data folder (and registry) that is not there or empty. Its sentinels and users go on as
 * they were. A customer that can't be brought back doesn't keep the others from it. The backup stays as it is. Throws
 * `Refused`, and has then made nothing, if there is a server already, if it is no backup, or if the master key is another.
 */
export async function restore(config: ServerConfig, from: string, progress: Progress = () => {}): Promise<Restored> {
  const about = readAboutBackup(from);
  const { server, databaseServers } = await restoreServer(config, from, about);
  try {
    const done: Restored = { customers: [], failed: [], keysLeft: [] };
    for (const [id, customer] of Object.entries(about.customers)) {
      const file = resolve(from, customersFolder, `${id}.vedette`);
      const databaseServer = databaseServers.get(id) ?? null;
      try {
        const { keysLeft } = await importCustomer(server, file, {
          ...(databaseServer !== null && { databaseServer }),
          progress: (text) => progress(`${customer}: ${text}`),
        });
        done.customers.push(customer);
        done.keysLeft.push(...keysLeft.map((key) => ({ ...key, customer })));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        done.failed.push({ customer, why, file, databaseServer });
      }
    }
    return done;
  } finally {
    await closeContext(server);
  }
}

interface RestoredServer {
  server: ServerContext;
  /** Where customers are to have their databases, by id. */
  databaseServers: ReadonlyMap<string, string>;
}

/** The server without its customers, whole or not at all: so whoever was refused puts that right and asks again. */
async function restoreServer(config: ServerConfig, from: string, about: AboutBackup): Promise<RestoredServer> {
  const undo = takeEmpty(config);
  let server: ServerContext | undefined;
  try {
    for (const key of readdirSync(join(from, keysFolder))) {
      copyPrivately(join(from, keysFolder, key), join(config.dataFolder, key));
    }
    if (about.archiveFolder !== undefined) rememberRoot(config.dataFolder, about.archiveFolder);
    syncAll(config.dataFolder); // not later: closing a file of an open registry would drop this process's locks on it
    server = await openContext(config);
    refuseOtherKey(server.masterKey, about);
    const databaseServers = await restoreRegistry(server, join(from, registryFile));
    return { server, databaseServers };
  } catch (error) {
    if (server) await closeContext(server);
    undo();
    throw error;
  }
}

/** Takes a data folder that is empty; the function returned leaves it, and the registry's folder, as they were. */
function takeEmpty({ dataFolder, databaseUrl }: ServerConfig): () => void {
  const wasThere = existsSync(dataFolder);
  if (wasThere && readdirSync(dataFolder).length > 0) {
    throw new Refused(`${dataFolder} is not empty: a backup is restored into a folder of its own (--data)`);
  }
  const registry = registryAddress(databaseUrl ?? dataFolder);
  const newFile = typeof registry === 'string' && !existsSync(registry) ? registry : undefined;
  openPrivateFolder(dataFolder);
  return () => {
    if (newFile !== undefined) removeFile(newFile);
    for (const name of readdirSync(dataFolder)) rmSync(join(dataFolder, name), { recursive: true });
    if (!wasThere) rmSync(dataFolder, { recursive: true });
  };
}

function refuseOtherKey(masterKey: MasterKey, { sealed }: AboutBackup): void {
  if (sealed === undefined) return;
  try {
    masterKey.unseal(sealed, aboutSealed);
  } catch (cause) {
    const next = 'give VEDETTE_MASTER_KEY as it was where the backup was made, or leave it out if it was not set there';
    throw new Refused(`the backup was made with another master key: ${next}`, { cause });
  }
}

/** Returns where each customer that is not beside the registry has its database. */
async function restoreRegistry(server: ServerContext, file: string): Promise<Map<string, string>> {
  await using copy = await workingCopy(
    server.dataFolder,
    file,
    async (path) => (await openDatabase(path, registryMigrations)) as Registry,
    (db) => db.destroy(),
  );
  const from = copy.opened;
  await refuseTaken(server, from);
  const customers = await from<CustomerRow>('customers').select('id', 'database_server');
  const asBackedUp = { ...server, registry: from }; // which database servers there are is known to that one alone
  for (const { id, database_server } of customers) {
    try {
      await refuseOthersDatabase(asBackedUp, id, database_server);
    } catch (error) {
      if (!(error instanceof DatabaseUnusable)) throw error; // else its import, which asks again, is told of as failed
    }
  }
  await server.registry.transaction((to) => fillRegistry(from, to));
  return new Map(customers.flatMap((row) => (row.database_server === null ? [] : [[row.id, row.database_server]])));
}

async function refuseTaken({ registry }: ServerContext, from: Knex): Promise<void> {
  for (const { name } of await tablesOf(from)) {
    const isFilled = !leftOut.includes(name) || name === 'customers' || name === 'users';
    if (!isFilled || !(await registry(name).first())) continue;
    throw new Refused(`the registry has ${name} already: a backup is restored into a new one (--database)`);
  }
}

async function fillRegistry(from: Knex, to: Knex): Promise<void> {
  for (const table of await tablesOf(from)) {
    if (leftOut.includes(table.name)) continue;
    await copyRows(from, to, table);
    const [wanted, found] = [await fingerprint(from, table), await fingerprint(to, table)];
    if (wanted.rows !== found.rows) throw new Refused(`the table ${table.name} of the registry could not be restored`);
  }
  // Of users those come with their customers who belong to one.
  const operators = await from('users').whereNull('customer_id');
  for (const operator of operators) await to('users').insert(operator);
}
