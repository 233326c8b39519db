import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPrivateFolder, syncFolder } from '../../certs/private-file.ts';
import { copyRows } from '../../db/copy/copy-rows.ts';
import { withSnapshot } from '../../db/copy/snapshot.ts';
import { tablesOf } from '../../db/copy/tables.ts';
import { openDatabase } from '../../db/open-database.ts';
import { registryMigrations } from '../../db/registry/migrations.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { rootUsed } from '../archive/mark.ts';
import { audit, commandLine } from '../audit/audit.ts';
import { auditKeyFiles } from '../audit/audit-key.ts';
import { registryAddress } from '../databases/customer-database.ts';
import type { ServerContext } from '../http/context.ts';
import {
  type AboutBackup,
  aboutFile,
  aboutSealed,
  copyPrivately,
  customersFolder,
  keysFolder,
  registryFile,
  unfinishedEnd,
} from './backup-folder.ts';
import { exportCustomer, type Progress } from './export.ts';
import { syncAll } from './on-disk.ts';

/** Of the data folder. The key of the registry's secrets may be elsewhere, and so may the heads of the audit trails. */
const keys = ['certs', 'password-key', 'master-key', ...auditKeyFiles, 'audit-heads'];

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
      copyPrivately(join(server.dataFolder, key), join(unfinished, keysFolder, key));
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
    const about: AboutBackup = {
      ...{ form: 1, madeAt, customers: Object.fromEntries(customers) },
      sealed: server.masterKey.seal(randomUUID(), aboutSealed),
      archiveFolder: rootUsed(server.dataFolder),
    };
    writeFileSync(join(unfinished, aboutFile), `${JSON.stringify(about, null, 2)}\n`, { mode: 0o600 });
    syncAll(unfinished);
    renameSync(unfinished, folder);
    syncFolder(to);
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
