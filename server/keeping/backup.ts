import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { openPrivateFolder } from '../../certs/private-file.ts';
import { copyRows } from '../../db/copy/copy-rows.ts';
import { fingerprint } from '../../db/copy/fingerprint.ts';
import { withSnapshot } from '../../db/copy/snapshot.ts';
import { tablesOf } from '../../db/copy/tables.ts';
import { openDatabase } from '../../db/open-database.ts';
import { registryMigrations } from '../../db/registry/migrations.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { audit, commandLine } from '../audit/audit.ts';
import { auditKeyFiles } from '../audit/audit-key.ts';
import type { ServerConfig } from '../config.ts';
import { refuseOthersDatabase, registryAddress } from '../databases/customer-database.ts';
import { closeContext, openContext, type ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { exportCustomer, type Progress, registryTables } from './export.ts';
import { importCustomer } from './import.ts';

/*
 * A backup is a folder: what the server itself keeps (keys, certificates), its registry as one file of SQLite, and an
 * export of each customer. It is as secret as the server.
 */

const [keysFolder, registryFile, customersFolder, aboutFile] = [
  'server',
  'registry.sqlite',
  'customers',
  'backup.json',
];
/** Of the data folder. The key of the registry's secrets may be elsewhere, and so may the heads of the audit trails. */
const keys = ['certs', 'password-key', 'master-key', ...auditKeyFiles, 'audit-heads'];
/** Belong to a moment, or come with the customers. */
const leftOut = [
  'customers',
  'sessions',
  'operator_grants',
  'leases',
  'fresh_runs',
  'assignment_changes',
  'user_links',
  'known_devices',
  ...registryTables,
];

const About = z.object({ form: z.literal(1), madeAt: z.int(), customers: z.record(z.string(), z.string()) });

/** How a backup's folder ends while it is being made. */
export const unfinishedEnd = '.unfinished';

export interface Backup {
  folder: string;
  /** Names by id. */
  customers: Record<string, string>;
  /** Customers that could not be read, and why; all others are whole. */
  failed: { customer: string; why: string }[];
}

/**
 * Makes a backup of all in a new folder below `to`, while the server goes on; each database as it is when its turn comes. It
 * has its name once it is complete. A customer that can't be read doesn't keep the others from being kept.
 */
export async function backUp(server: ServerContext, to: string, progress: Progress = () => {}): Promise<Backup> {
  const madeAt = server.now();
  const folder = join(to, `vedette-${new Date(madeAt).toISOString().replaceAll(/[:.]/g, '-')}`);
  const unfinished = folder + unfinishedEnd;
  await audit(server.registry, { at: madeAt, actor: commandLine, action: 'backed-up' });
  openPrivateFolder(join(unfinished, customersFolder));
  try {
    mkdirSync(join(unfinished, keysFolder), { mode: 0o700 });
    for (const key of keys.filter((name) => existsSync(join(server.dataFolder, name)))) {
      cpSync(join(server.dataFolder, key), join(unfinished, keysFolder, key), { recursive: true });
    }
    await copyRegistry(server, join(unfinished, registryFile));
    const [customers, failed] = [new Map<string, string>(), [] as Backup['failed']];
    for (const { id, name } of await server.registry<CustomerRow>('customers').orderBy('name')) {
      try {
        const file = join(unfinished, customersFolder, `${id}.vedette`);
        await exportCustomer(server, id, file, (text) => progress(`${name}: ${text}`));
        customers.set(id, name);
      } catch (error) {
        failed.push({ customer: name, why: error instanceof Error ? error.message : String(error) });
      }
    }
    const about = { form: 1, madeAt, customers: Object.fromEntries(customers) };
    writeFileSync(join(unfinished, aboutFile), `${JSON.stringify(about, null, 2)}\n`, { mode: 0o600 });
    renameSync(unfinished, folder);
    return { folder, customers: about.customers, failed };
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function copyRegistry({ home }: ServerContext, file: string): Promise<void> {
  const to = await openDatabase(file, registryMigrations);
  try {
    const tables = await tablesOf(to);
    await to.transaction((trx) =>
      withSnapshot(registryAddress(home), tables, async (from) => {
        for (const table of tables) await copyRows(from, trx, table);
      }),
    );
    await to.raw('pragma journal_mode = delete'); // so that it is one file
  } finally {
    await to.destroy();
  }
}

export interface Restored {
  /** Names. */
  customers: string[];
  /** Customers that are not there, and why; `file` can be imported on its own once that is put right. */
  failed: { customer: string; why: string; file: string; databaseServer: string | null }[];
}

/**
 * Makes a server of a backup, in a data folder (and registry) that is not there or empty. Its sentinels and users go on as
 * they were. A customer that can't be brought back doesn't keep the others from it. Throws `Refused` if there is a server
 * already, or if it is no backup.
 */
export async function restore(config: ServerConfig, from: string, progress: Progress = () => {}): Promise<Restored> {
  const about = readAbout(from);
  if (existsSync(config.dataFolder) && readdirSync(config.dataFolder).length > 0) {
    throw new Refused(`${config.dataFolder} is not empty: a backup is restored into a folder of its own (--data)`);
  }
  openPrivateFolder(config.dataFolder);
  for (const key of readdirSync(join(from, keysFolder))) {
    cpSync(join(from, keysFolder, key), join(config.dataFolder, key), { recursive: true });
  }
  const server = await openContext(config);
  try {
    if (await server.registry('customers').first()) {
      throw new Refused('the registry has customers already: a backup is restored into a new one (--database)');
    }
    await refuseOthersDatabases(server, join(from, registryFile));
    await fillRegistry(server, join(from, registryFile));
    const servers = await databaseServersOf(join(from, registryFile));
    const done: Restored = { customers: [], failed: [] };
    for (const [id, customer] of Object.entries(about.customers)) {
      const file = resolve(from, customersFolder, `${id}.vedette`);
      const databaseServer = servers.get(id) ?? null;
      try {
        await importCustomer(server, file, {
          ...(databaseServer !== null && { databaseServer }),
          progress: (text) => progress(`${customer}: ${text}`),
        });
        done.customers.push(customer);
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

function readAbout(from: string): z.output<typeof About> {
  try {
    return About.parse(JSON.parse(readFileSync(join(from, aboutFile), 'utf8')));
  } catch (cause) {
    throw new Refused(`${from} is no backup that this version can read: it holds no whole ${aboutFile}`, { cause });
  }
}

async function fillRegistry({ registry }: ServerContext, file: string): Promise<void> {
  const from = await openDatabase(file, registryMigrations);
  try {
    for (const table of await tablesOf(from)) {
      if (leftOut.includes(table.name)) continue;
      await registry.transaction((trx) => copyRows(from, trx, table));
      const [wanted, found] = [await fingerprint(from, table), await fingerprint(registry, table)];
      if (wanted.rows !== found.rows)
        throw new Refused(`the table ${table.name} of the registry could not be restored`);
    }
    // Of users those come with their customers who belong to one.
    const operators = await from('users').whereNull('customer_id');
    for (const operator of operators) await registry('users').insert(operator);
  } finally {
    await from.destroy();
  }
}

/** Before anything is written: a restore that is refused half way would have to be cleaned up by hand. */
async function refuseOthersDatabases(server: ServerContext, file: string): Promise<void> {
  const registry = (await openDatabase(file, registryMigrations)) as Registry;
  try {
    for (const { id, database_server } of await registry<CustomerRow>('customers').select('id', 'database_server')) {
      await refuseOthersDatabase({ ...server, registry }, id, database_server);
    }
  } finally {
    await registry.destroy();
  }
}

async function databaseServersOf(file: string): Promise<Map<string, string>> {
  const db = await openDatabase(file, registryMigrations);
  try {
    const rows = await db<CustomerRow>('customers').whereNotNull('database_server');
    return new Map(rows.map((row) => [row.id, row.database_server ?? '']));
  } finally {
    await db.destroy();
  }
}
