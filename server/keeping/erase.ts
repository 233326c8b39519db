import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { atomically } from '../../db/atomically.ts';
import type { CustomerId } from '../../db/customers.ts';
import { DatabaseUnusable } from '../../db/database-unusable.ts';
import { emptyLog } from '../../db/engines/dialect.ts';
import { patiently } from '../../db/engines/mysql.ts';
import type { CustomerRow, ErasureRow, UserRow } from '../../db/registry/rows.ts';
import { eraseArchive } from '../archive/erase-archive.ts';
import { lookEveryMs, tellChange } from '../assignments/changes.ts';
import { audit, commandLine } from '../audit/audit.ts';
import { writeErasure } from '../audit/heads.ts';
import { dropDatabase, schemaAt } from '../databases/customer-database.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import type { Progress } from './export.ts';

/** What was there of a customer and is no more. */
export interface Receipt {
  customer: { id: CustomerId; name: string };
  /** ms since 1970 */
  erasedAt: number;
  /** By table; null where the database could not be read. */
  rows: Record<string, number> | null;
  evidence: { files: number; bytes: number };
  /** Files of the archive that were in its folder. */
  archive: { files: number; bytes: number };
  /** What could not be reached, and may be there still: its schema and account, its archive; null where nothing is left. */
  left: string | null;
  /** The file that says so to whoever verifies the audit trails: where, and its SHA-256. */
  signed: SignedErasure;
  /** Rows of the registry. */
  registry: Record<string, number>;
  /** What is kept nevertheless, and why. */
  kept: string;
}

/** What was counted before anything was removed. */
type Before = Pick<Receipt, 'rows' | 'registry'> & {
  /** Entries of the archive's folder; an erasure that an earlier version began lacks it. */
  inArchive?: number | null;
};

export interface SignedErasure {
  folder: string;
  file: string;
  sha256: string;
}

const kept =
  "in the provider's audit trail: the names of the customer and of who did what, since entries can't be taken out of it";
const counted = [
  'monitors',
  'script_versions',
  'sentinels',
  'runs',
  'transaction_results',
  'evidence',
  'rollups',
  'archive_months',
  'late_runs',
  'audit',
];

export interface EraseOptions {
  /** Its database server is gone for ever: the schema there is not asked for, and the receipt names it. */
  withoutDatabase?: boolean;
  progress?: Progress;
}

/**
 * Removes a customer with all that belongs to it: database, evidence, scripts and their key, users, sentinels' keys, codes.
 * First nobody finds it any more, then it goes; an erasure that was cut short is ended by calling this again with the
 * same name or id. Throws `Refused` if there is no such customer, `DatabaseUnusable` if its database server is not there.
 */
export async function eraseCustomer(
  server: ServerContext,
  nameOrId: string,
  { withoutDatabase = false, progress = () => {} }: EraseOptions = {},
): Promise<Receipt> {
  progress('what there is');
  const begun = (await unfinished(server, nameOrId)) ?? (await begin(server, nameOrId, withoutDatabase));
  const id = begun.id;
  progress('waiting until every process has let go of it');
  await tellChange(server, id);
  await server.customers.forget(id);
  await sleep(3 * lookEveryMs); // by then every other process has let go of its database
  progress('database');
  const schema = withoutDatabase ? await schemaLeft(server, begun) : await dropOrTellHow(server, begun);
  progress('archive');
  const { inArchive, ...before }: Before = JSON.parse(begun.receipt);
  const { left: archiveLeft, ...archive } = eraseArchive(server, id, inArchive ?? null);
  const left = [schema, archiveLeft].filter((one) => one !== null).join('; ') || null;
  const evidence = sizeOf(join(server.customers.folder(id), 'evidence'));
  removeFolder(server.customers.folder(id), progress);
  const at = server.now();
  const receipt: Receipt = {
    ...{ customer: { id, name: begun.name }, erasedAt: at, ...before, evidence, archive, left, kept },
    signed: sign(server, id, at),
  };
  await server
    .registry<ErasureRow>('erasures')
    .where({ id })
    .update({ ended_at: at, receipt: JSON.stringify(receipt) });
  await audit(server.registry, {
    at,
    actor: commandLine,
    action: 'customer-erased',
    subject: begun.name,
    detail: { id, ...(left !== null && { left }) },
  });
  progress('registry');
  await emptyLog(server.registry);
  return receipt;
}

/**
 * Signs an erasure that is ended once more: that of an earlier version, or one that was signed in another folder, is not
 * known to whoever verifies the audit trails. Undefined if the id is of no such erasure.
 */
export async function signErasureAgain(
  server: ServerContext,
  id: string,
): Promise<Pick<Receipt, 'customer' | 'erasedAt' | 'signed'> | undefined> {
  const ended = await server.registry<ErasureRow>('erasures').where('id', id).whereNotNull('ended_at').first();
  const isHere = await server.registry<CustomerRow>('customers').where('id', id).first();
  if (!ended?.ended_at || isHere) return undefined;
  const customer = { id: ended.id, name: ended.name };
  const at = server.now();
  const signed = sign(server, customer.id, at);
  const receipt = JSON.stringify({ ...JSON.parse(ended.receipt), signed });
  await server.registry<ErasureRow>('erasures').where('id', id).update({ receipt });
  const detail = { id, signedAgain: signed.file };
  await audit(server.registry, {
    ...{ at, actor: commandLine, action: 'customer-erased', subject: customer.name, detail },
  });
  return { customer, erasedAt: ended.ended_at, signed };
}

function sign({ auditHeads: folder, dataFolder, log }: ServerContext, id: CustomerId, at: number): SignedErasure {
  const signed = { folder, ...writeErasure({ folder, dataFolder }, id, at) };
  log.info({ customer: id, ...signed }, 'erasure signed');
  return signed;
}

async function schemaLeft(server: ServerContext, begun: ErasureRow): Promise<string | null> {
  const where = await schemaAt(server, begun);
  return where && `${where}, with the account of the same name: drop both should that database server come back`;
}

async function dropOrTellHow(server: ServerContext, begun: ErasureRow): Promise<null> {
  try {
    await dropDatabase(server, begun);
    return null;
  } catch (cause) {
    if (!(cause instanceof DatabaseUnusable)) throw cause;
    const next =
      'ask for the erasure again once that is put right, or, if the database server is gone for ever, with --without-database';
    throw new DatabaseUnusable(
      `${cause.message}; "${begun.name}" is nobody's any more, and its files are there still: ${next}`,
      { cause },
    );
  }
}

/** Of some hundred thousand files one wants to know how far it is. */
function removeFolder(folder: string, progress: Progress): void {
  const evidence = join(folder, 'evidence');
  const parts = existsSync(evidence) ? readdirSync(evidence) : [];
  for (const [i, part] of parts.entries()) {
    progress(`evidence, ${Math.floor((100 * i) / parts.length)} %`);
    rmSync(join(evidence, part), { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Has this process let go of a customer's database once the customer is erased. */
export function letGoOfErased({ events, registry, customers, log }: ServerContext): void {
  events.on('assignmentsChanged', async (id) => {
    try {
      if (id !== null && !(await registry<CustomerRow>('customers').where({ id }).first())) await customers.forget(id);
    } catch (error) {
      log.error({ customer: id, err: error }, 'whether a customer was erased could not be found out');
    }
  });
}

/** Another customer can have the name by now. */
async function unfinished({ registry }: ServerContext, nameOrId: string): Promise<ErasureRow | undefined> {
  const begun = await registry<ErasureRow>('erasures')
    .whereNull('ended_at')
    .where((any) => any.where('id', nameOrId).orWhere('name', nameOrId))
    .first();
  const present = begun && (await registry<CustomerRow>('customers').where('name', nameOrId).first());
  if (!present) return begun;
  const which = `${begun.id}, whose erasure was not ended, or ${present.id}, who is here`;
  throw new Refused(`"${nameOrId}" may mean two customers: say which by its id: ${which}`);
}

/** From here on the customer is nobody's: what is left of it is known to its erasure alone. */
async function begin(server: ServerContext, nameOrId: string, withoutDatabase: boolean): Promise<ErasureRow> {
  const { registry, now } = server;
  const rows = registry<CustomerRow>('customers');
  const row = await rows.where('name', nameOrId).orWhere('id', nameOrId).first();
  if (!row) throw new Refused(`there is no customer "${nameOrId}": vedette-server customer list names them`);
  const { id, name, engine, database_server, connection } = row;
  if (withoutDatabase && engine === 'sqlite')
    throw new Refused(
      `the database of "${name}" is a file here and goes with its folder: leave --without-database out`,
    );
  const inDatabase = withoutDatabase ? { rows: null, inArchive: null } : await countRows(server, id);
  return atomically(registry, async (trx) => {
    const own = await trx<UserRow>('users').where({ customer_id: id }).select('id', 'name');
    const [users, names] = [own.map((user) => user.id), own.map((user) => user.name)];
    const removed = {
      user_links: await trx('user_links').whereIn('user_id', users).delete(),
      known_devices: await trx('known_devices').whereIn('user_id', users).delete(),
      sessions: await trx('sessions').whereIn('user_id', users).delete(),
      sign_in_failures: await trx('sign_in_failures').whereIn('account', names).delete(),
      users: await trx('users').where({ customer_id: id }).delete(),
      enrolment_codes: await trx('enrolment_codes').where({ customer_id: id }).delete(),
      tokens: await trx('tokens').where({ customer_id: id }).delete(),
      archive_keys: await trx('archive_keys').where({ customer_id: id }).delete(),
      archive_restores: await trx('archive_restores').where({ customer_id: id }).delete(),
      operator_grants: await trx('operator_grants').where({ customer_id: id }).delete(),
      sentinel_keys: await trx('sentinel_keys').where({ customer_id: id }).delete(),
    };
    await trx('customers').where({ id }).delete();
    const receipt = JSON.stringify({ ...inDatabase, registry: removed } satisfies Before);
    const erasure = { id, name, engine, database_server, connection, began_at: now(), ended_at: null, receipt };
    await trx('erasures').insert(erasure).onConflict('id').merge();
    return erasure;
  });
}

async function countRows(server: ServerContext, id: CustomerId): Promise<Pick<Before, 'rows' | 'inArchive'>> {
  try {
    return await server.customers.use(id, async (db: Knex) => {
      const rows: Record<string, number> = {};
      for (const table of counted) rows[table] = await patiently(db, (own) => countOf(own(table)));
      return { rows, inArchive: await countOf(db('archive_months').whereNotNull('folder')) };
    });
  } catch (error) {
    server.log.warn({ err: error }, 'what is erased could not be counted');
    return { rows: null, inArchive: null };
  }
}

async function countOf(rows: Knex.QueryBuilder): Promise<number> {
  return Number((await rows.count({ n: '*' }).first())?.n);
}

function sizeOf(folder: string): Receipt['evidence'] {
  if (!existsSync(folder)) return { files: 0, bytes: 0 }; // an erasure that was cut short had removed it
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = all.reduce(
    (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return { files: all.length, bytes };
}
