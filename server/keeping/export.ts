import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Knex } from 'knex';
import { copyRows } from '../../db/copy/copy-rows.ts';
import { type Fingerprint, fingerprint } from '../../db/copy/fingerprint.ts';
import { withSnapshot } from '../../db/copy/snapshot.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { DatabaseAddress } from '../../db/open-database.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { scriptKeyFile } from '../accounts/customers.ts';
import { oldestOf } from '../accounts/password-keys.ts';
import { auditForBoth, commandLine } from '../audit/audit.ts';
import { addressOf } from '../databases/customer-database.ts';
import { type EvidenceStore, evidenceOf, namingTables } from '../evidence/evidence-store.ts';
import type { ServerContext } from '../http/context.ts';
import { type About, type ExportFile, makeExportFile } from './export-file.ts';

/** Tells how far a long piece of work has come, in a few words. */
export type Progress = (text: string) => void;

/** The registry's rows of a customer that go along; sessions end. */
export const registryTables = ['users', 'enrolment_codes', 'sentinel_keys', 'tokens', 'archive_keys'] as const;
/** Names of evidence files asked for at a time. */
const atOnce = 500;

/**
 * Writes all that there is of a customer, as it is at this moment, into one new file; the server may go on meanwhile.
 * Throws `Refused` if there is such a file, and `DatabaseUnusable`.
 */
export async function exportCustomer(
  server: ServerContext,
  id: CustomerId,
  to: string,
  progress: Progress = () => {},
): Promise<About> {
  await server.customers.use(id, async () => {}); // brings an old schema to the present one
  const row = (await server.registry<CustomerRow>('customers').where({ id }).first()) as CustomerRow;
  const entry = { at: server.now(), actor: commandLine, subject: row.name } as const;
  await auditForBoth(server, id, { ...entry, action: 'customer-exported' });
  return makeExportFile(to, async (file) => {
    const tables = await copyDatabase(await addressOf(server, row), file, progress);
    const files = await copyEvidence(evidenceOf(server, id), file, progress);
    await copyRegistry(server, id, file);
    return {
      form: 1,
      madeAt: server.now(),
      customer: {
        ...{ id, name: row.name, timeZone: row.time_zone, createdAt: row.created_at },
        ...{ businessHours: row.business_hours, suspendedAt: row.suspended_at, suspendedWhy: row.suspended_why },
        passwordRenewal: row.password_renewal,
        ...{ archiveMonthsLive: row.archive_months_live, archiveEraseMonths: row.archive_erase_months },
        archiveHourMonths: row.archive_hour_months,
      },
      passwordKeyId: oldestOf(server.passwordKeys).id, // of what bears no mark
      scriptKeyPem: readFileSync(scriptKeyFile(server, id), 'utf8'),
      ...{ tables, files },
    };
  });
}

/** The snapshot ends before the file is on the disk: that may take longer than a database lets anybody be idle. */
async function copyDatabase(at: DatabaseAddress, file: ExportFile, progress: Progress): Promise<About['tables']> {
  const tables: Record<string, Fingerprint> = {};
  await file.db.transaction((to) =>
    withSnapshot(at, file.tables, async (db) => {
      for (const table of file.tables) {
        progress(`table ${table.name}`);
        await copyRows(db, to, table);
        tables[table.name] = await fingerprint(db, table);
      }
    }),
  );
  return tables;
}

/**
 * The files that the rows in the export name, once the customer's database is let go of: there may be many GiB of them. A
 * file that a row names was stored before the row said so, and none is ever changed.
 */
async function copyEvidence(store: EvidenceStore, file: ExportFile, progress: Progress): Promise<About['files']> {
  const done = { count: 0, bytes: 0, missing: 0 };
  for (let last = ''; ; ) {
    const found = await Promise.all(namingTables.map((table) => namesIn(file.db, table, last)));
    const names = [...new Set(found.flat())].sort().slice(0, atOnce);
    await file.db.transaction(async (to) => {
      for (const sha256 of names) {
        const content = await contentOf(store, sha256);
        if (content) await file.files().transacting(to).insert({ sha256, content });
        done.count += content ? 1 : 0;
        done.bytes += content?.length ?? 0;
        done.missing += content ? 0 : 1;
      }
    });
    progress(`${done.count} pictures and other evidence`);
    if (names.length < atOnce) return done;
    last = names.at(-1) ?? '';
  }
}

/** Undefined where it is missing, or went away meanwhile. */
async function contentOf(store: EvidenceStore, sha256: string): Promise<Buffer | undefined> {
  try {
    const found = await store.get(sha256);
    return found && (await buffer(found.content));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function namesIn(file: Knex, table: string, after: string): Promise<string[]> {
  return file(table)
    .where('stored_sha256', '>', after)
    .distinct('stored_sha256')
    .orderBy('stored_sha256')
    .limit(atOnce)
    .pluck('stored_sha256');
}

async function copyRegistry({ registry }: ServerContext, id: CustomerId, file: ExportFile): Promise<void> {
  let position = 0;
  for (const table_name of registryTables) {
    for (const row of await registry(table_name).where({ customer_id: id })) {
      await file.registryRows().insert({ position: position++, table_name, row: JSON.stringify(row) });
    }
  }
}
