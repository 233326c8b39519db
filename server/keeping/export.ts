import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Knex } from 'knex';
import { copyRows } from '../../db/copy/copy-rows.ts';
import { type Fingerprint, fingerprint } from '../../db/copy/fingerprint.ts';
import { withSnapshot } from '../../db/copy/snapshot.ts';
import type { CustomerId } from '../../db/customers.ts';
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
    const inDatabase = await withSnapshot(await addressOf(server, row), (db) =>
      copyDatabase(server, id, db, file, progress),
    );
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
      ...inDatabase,
    };
  });
}

async function copyDatabase(
  server: ServerContext,
  id: CustomerId,
  db: Knex,
  file: ExportFile,
  progress: Progress,
): Promise<Pick<About, 'tables' | 'files'>> {
  const tables: Record<string, Fingerprint> = {};
  await file.db.transaction(async (to) => {
    for (const table of file.tables) {
      progress(`table ${table.name}`);
      await copyRows(db, to, table);
      tables[table.name] = await fingerprint(db, table);
    }
  });
  return { tables, files: await copyEvidence(evidenceOf(server, id), db, file, progress) };
}

/** A file that a row names was stored before the row said so, and none is ever changed. */
async function copyEvidence(
  store: EvidenceStore,
  db: Knex,
  file: ExportFile,
  progress: Progress,
): Promise<About['files']> {
  const done = { count: 0, bytes: 0, missing: 0 };
  for (let last = ''; ; ) {
    const found = await Promise.all(namingTables.map((table) => namesIn(db, table, last)));
    const names = [...new Set(found.flat())].sort().slice(0, atOnce);
    for (const sha256 of names) {
      const found = await store.get(sha256);
      if (!found) {
        done.missing += 1;
        continue;
      }
      await file.files().insert({ sha256, content: await buffer(found.content) });
      done.count += 1;
      done.bytes += found.bytes;
    }
    progress(`${done.count} pictures and other evidence`);
    if (names.length < atOnce) return done;
    last = names.at(-1) ?? '';
  }
}

function namesIn(db: Knex, table: string, after: string): Promise<string[]> {
  return db(table)
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
