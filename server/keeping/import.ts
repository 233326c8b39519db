import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openPrivateFolder, replacePrivateFile } from '../../certs/private-file.ts';
import { atomically } from '../../db/atomically.ts';
import { copyRows } from '../../db/copy/copy-rows.ts';
import { fingerprint } from '../../db/copy/fingerprint.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { customerMigrations } from '../../db/customer/migrations.ts';
import type { CustomerId } from '../../db/customers.ts';
import { longSilence } from '../../db/engines/mysql.ts';
import { openDatabase } from '../../db/open-database.ts';
import type { ArchiveKeyRow, CustomerRow, ErasureRow, UserRow } from '../../db/registry/rows.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { type Customer, nameAlike, refuseWrongName, scriptKeyFile } from '../accounts/customers.ts';
import { markOf } from '../accounts/password.ts';
import { keyOfMark, oldestOf, type PasswordKeys } from '../accounts/password-keys.ts';
import { customerRoles } from '../accounts/shapes.ts';
import { aboutRecipient } from '../archive/keys.ts';
import { tellChange } from '../assignments/changes.ts';
import { auditForBoth, commandLine } from '../audit/audit.ts';
import { addressOf, makeDatabase, refuseOthersDatabase } from '../databases/customer-database.ts';
import { markFinished, markUnfinished, removeUnfinished } from '../databases/unfinished.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { type Progress, registryTables } from './export.ts';
import { type About, type ExportFile, type FileRow, notWhole, openWholeExport, readAbout } from './export-file.ts';
import { workingCopy } from './working-copy.ts';

export interface ImportOptions {
  /** Another name than it had. */
  name?: string;
  /** Where its database is to be; else beside the registry. */
  databaseServer?: string;
  progress?: Progress;
}

export interface Imported {
  customer: Customer;
  about: About;
  /** Users whose passwords this server can't check; they did not come along. */
  leftOut: string[];
  /** Archive keys whose identity was kept, or waited, sealed with a master key that is not this server's: it is not here. */
  keysLeft: KeyLeft[];
}

export interface KeyLeft {
  recipient: string;
  name: string;
}

/**
 * Makes a customer of an export, with the same ids, and checks that rows, sums and files are those it had. The registry
 * learns of it last: an import that was cut short is nobody's customer and is made anew by the next. Throws `Refused` if
 * the customer, its name or one of its users is here already, or if the file is no whole export.
 */
export async function importCustomer(
  server: ServerContext,
  from: string,
  { name, databaseServer, progress = () => {} }: ImportOptions = {},
): Promise<Imported> {
  const open = (path: string) => openWholeExport(path, from);
  await using copy = await workingCopy(server.dataFolder, from, open, closeExport);
  const about = await readAbout(copy.opened, from);
  const id = about.customer.id as CustomerId;
  const called = name ?? about.customer.name;
  refuseWrongName(called);
  await refuseTaken(server, id, called, name !== undefined);
  const { users, others } = await registryRows(copy.opened, id, keptUnder(server.passwordKeys, about));
  await refuseUsers(server, users.here);

  await removeUnfinished(server, id);
  await refuseOthersDatabase(server, id, databaseServer ?? null);
  openPrivateFolder(server.customers.folder(id));
  markUnfinished(server, id, databaseServer ?? null); // first, so that a crash leaves nothing that seems another's
  mkdirSync(join(server.customers.folder(id), 'evidence'), { mode: 0o700 });
  replacePrivateFile(scriptKeyFile(server, id), about.scriptKeyPem);
  const place = await makeDatabase(server, id, databaseServer ?? null);
  const row: CustomerRow = {
    ...{ id, name: called, time_zone: about.customer.timeZone, created_at: about.customer.createdAt },
    ...{ business_hours: about.customer.businessHours, schema_version: null },
    password_renewal: about.customer.passwordRenewal,
    archive_months_live: about.customer.archiveMonthsLive,
    archive_erase_months: about.customer.archiveEraseMonths,
    archive_hour_months: about.customer.archiveHourMonths,
    ...{ suspended_at: about.customer.suspendedAt, suspended_why: about.customer.suspendedWhy, ...place },
  };
  await fillDatabase(server, row, copy.opened, progress);
  await fillEvidence(server, id, copy.opened, about, progress);
  const keysLeft: KeyLeft[] = [];
  const opened = others.map((other) => ({ ...other, row: openable(server, other.row, keysLeft) }));
  await atomically(server.registry, async (registry) => {
    await registry('customers').insert(row);
    await insertAll(registry, 'users', users.here);
    for (const { table_name, row: other } of opened) await registry(table_name).insert(other);
  });
  markFinished(server, id);
  await tellChange(server, id);
  const at = server.now();
  const detail = { id, exportedAt: about.madeAt };
  await auditForBoth(server, id, { at, actor: commandLine, action: 'customer-imported', subject: called, detail });
  const customer = { id, name: called, timeZone: row.time_zone, suspendedAt: row.suspended_at };
  return { customer, about, leftOut: users.elsewhere.map((user) => user.name), keysLeft };
}

/**
 * The copy of an archive's identity that another server kept is sealed with that one's key: it is left behind, and what
 * `left` is told of. The customer has it still, or that other server.
 */
function openable({ masterKey }: ServerContext, row: object, left: KeyLeft[]): object {
  const { recipient, name, identity, waiting } = row as Partial<ArchiveKeyRow>;
  if (recipient === undefined || name === undefined) return row;
  const ifOpens = (text: string | null | undefined) => {
    try {
      if (text) masterKey.unseal(text, aboutRecipient(recipient));
      return text ?? null;
    } catch {
      left.push({ recipient, name });
      return null;
    }
  };
  return { ...row, identity: ifOpens(identity), waiting: ifOpens(waiting) };
}

function closeExport(file: ExportFile): PromiseLike<void> {
  return file[Symbol.asyncDispose]();
}

/** Files in memory at a time; one has at most 2 MiB or so. */
const filesAtOnce = 20;

/** A name of its own is let in beside one that differs by capitals alone: both were there before. */
async function refuseTaken({ registry }: ServerContext, id: CustomerId, name: string, isNew: boolean) {
  const taken = await registry<CustomerRow>('customers').where({ id }).orWhere({ name }).first();
  if (taken?.id === id) {
    const next = `erase it first if this file is to take its place: vedette-server customer erase "${taken.name}"`;
    throw new Refused(`the customer "${taken.name}" of this export is here already; ${next}`);
  }
  const erasure = await registry<ErasureRow>('erasures').where({ id }).whereNull('ended_at').first();
  if (erasure)
    throw new Refused(`its erasure was not ended; end it first: vedette-server customer erase "${erasure.name}"`);
  const other = taken?.name ?? (isNew ? await nameAlike(registry, name) : undefined);
  if (other !== undefined)
    throw new Refused(`there is another customer "${other}": give this one another name with --name`);
}

async function refuseUsers({ registry }: ServerContext, users: readonly UserRow[]): Promise<void> {
  const names = users.map((user) => user.name);
  const taken = await registry<UserRow>('users').whereIn('name', names).first();
  if (taken)
    throw new Refused(`there is a user "${taken.name}" here already, whom this export has too: remove one of them`);
}

/** Whether a password can be checked here: what bears no mark was kept under the key that the export names. */
function keptUnder(keys: PasswordKeys, { passwordKeyId }: About): (user: UserRow) => boolean {
  return ({ password_hash }) => {
    const mark = markOf(password_hash);
    return mark === '' ? oldestOf(keys).id === passwordKeyId : keyOfMark(keys, mark) !== undefined;
  };
}

/** Throws `Refused` for rows that are not this customer's own: whoever can write to an export gets in nowhere else. */
async function registryRows(file: ExportFile, id: CustomerId, isHere: (user: UserRow) => boolean) {
  const users: UserRow[] = [];
  const others: { table_name: string; row: object }[] = [];
  for (const { table_name, row } of await file.registryRows().orderBy('position')) {
    const read: UserRow = JSON.parse(row);
    const isOwn =
      read.customer_id === id && (table_name !== 'users' || customerRoles.some((role) => role === read.role));
    if (!isOwn) throw new Refused(`a row of ${table_name} in this export is not the customer's: nothing was imported`);
    if (table_name === 'users') users.push(read);
    else if (registryTables.some((known) => known === table_name)) others.push({ table_name, row: read });
  }
  const { here = [], elsewhere = [] } = Object.groupBy(users, (user) => (isHere(user) ? 'here' : 'elsewhere'));
  return { users: { here, elsewhere }, others };
}

async function fillDatabase(
  server: ServerContext,
  row: CustomerRow,
  file: ExportFile,
  progress: Progress,
): Promise<void> {
  const db = await openDatabase(await addressOf(server, row), customerMigrations, { silence: longSilence });
  try {
    for (const table of file.tables) {
      progress(`table ${table.name}`);
      await db.transaction((trx) => copyRows(file.db, trx, table));
      const [wanted, found] = [await fingerprint(file.db, table), await fingerprint(db, table)];
      if (isDeepStrictEqual(wanted, found)) continue;
      throw new Refused(`the table ${table.name} did not come over whole; nothing was imported: try again`);
    }
  } finally {
    await db.destroy();
  }
}

async function fillEvidence(
  server: ServerContext,
  id: CustomerId,
  file: ExportFile,
  about: About,
  progress: Progress,
): Promise<void> {
  const store = evidenceOf(server, id);
  let count = 0;
  for (let last = ''; ; ) {
    const some: FileRow[] = await file.files().where('sha256', '>', last).orderBy('sha256').limit(filesAtOnce);
    for (const { sha256, content } of some) {
      if (sha256Hex(content) !== sha256) throw notWhole(`the evidence ${sha256}`);
      await store.put(sha256, content);
    }
    count += some.length;
    progress(`${count} of ${about.files.count} pictures and other evidence`);
    if (some.length < filesAtOnce) break;
    last = some.at(-1)?.sha256 ?? '';
  }
  if (count !== about.files.count) throw notWhole('its evidence');
}
