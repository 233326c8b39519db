import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { atomically } from '../../db/atomically.ts';
import { monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { audit } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { archiveRoot, checkOwn } from './mark.ts';
import { nameOf } from './piece.ts';
import { archiveSettings } from './settings.ts';
import { storeOf } from './store.ts';

/** What was removed of an archive, and where some may be left. */
export interface ErasedArchive {
  files: number;
  bytes: number;
  /** Null: nothing is left. */
  left: string | null;
}

/**
 * Removes all of a customer's archive that is in the archive's folder; what was carried away is for people to destroy.
 * `entries`: how many its database knew to be there; null where that could not be read.
 */
export function eraseArchive(server: ServerContext, id: CustomerId, entries: number | null): ErasedArchive {
  const root = archiveRoot(server);
  if (root === undefined) {
    const left = `the folder ${id} of the archive, if there is one (the archive's folder is not known here)`;
    return { files: 0, bytes: 0, left: entries === 0 ? null : left };
  }
  const folder = join(root, id);
  try {
    checkOwn(root, server.dataFolder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { files: 0, bytes: 0, left: `${folder}, if there is such a folder (${why})` };
  }
  if (!existsSync(folder)) {
    const left = `${entries} months and supplements of the archive (${folder}, where they were to be, is not there)`;
    return { files: 0, bytes: 0, left: entries ? left : null };
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  rmSync(folder, { recursive: true });
  return { files: files.length, bytes, left: null };
}

/** Erases pieces that have reached their age from the archive; returns their names. */
export async function eraseOld(server: ServerContext, id: CustomerId): Promise<string[]> {
  const row = await server.registry<CustomerRow>('customers').where({ id }).first();
  const eraseMonths = row ? archiveSettings(row).eraseMonths : null;
  if (eraseMonths === null) return [];
  return server.customers.use(id, (db) => eraseBefore(server, id, db, monthOf(server.now(), -eraseMonths).from));
}

async function eraseBefore(server: ServerContext, id: CustomerId, db: CustomerDb, until: number): Promise<string[]> {
  const rows = await db<ArchiveMonthRow>('archive_months').where({ state: 'removed' }).where('from_at', '<', until);
  const store = storeOf(server, id);
  for (const { from_at, part, folder } of rows) {
    if (folder !== null) await store.remove(folder);
    await atomically(db, async (trx) => {
      const erased = { state: 'erased', folder: null, manifest: null, seal: null, fault: null } as const;
      await trx<ArchiveMonthRow>('archive_months').where({ from_at, part }).update(erased);
      const subject = nameOf({ month: monthOf(from_at), part });
      const actor = { kind: 'server', name: 'archive' } as const;
      await audit(trx, { at: server.now(), actor, action: 'archive-erased', subject });
    });
  }
  return rows.map(({ from_at, part }) => nameOf({ month: monthOf(from_at), part }));
}
