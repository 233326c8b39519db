import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { keepPrivateFile, openPrivateFolder } from '../../certs/private-file.ts';
import { atomically } from '../../db/atomically.ts';
import { customerMigrations } from '../../db/customer/migrations.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { openDatabase } from '../../db/open-database.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { ArchiveKeyRow, CustomerRow } from '../../db/registry/rows.ts';
import { newScriptKey } from '../../scripts-library/publish/sign.ts';
import { type Actor, type AuditEntry, audit, commandLine } from '../audit/audit.ts';
import { addressOf, makeDatabase, refuseOthersDatabase } from '../databases/customer-database.ts';
import { markFinished, markUnfinished, removeUnfinished } from '../databases/unfinished.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';

export interface Customer {
  id: CustomerId;
  name: string;
  /** IANA name of the zone in which the customer's days begin. */
  timeZone: string;
  /** ms since 1970; null: users and sentinels are let in. */
  suspendedAt: number | null;
}

export interface CustomerOptions {
  /** The server's own unless given. */
  timeZone?: string;
  /** Name of the database server; else the database is where the registry is. */
  databaseServer?: string;
}

/** A key of the archive that comes with the customer, and what the trails say of it. */
export interface KeyAtFirst {
  row: Omit<ArchiveKeyRow, 'customer_id'>;
  entry: AuditEntry;
}

/** Another customer is called so. */
export class NameTaken extends Refused {
  constructor(name: string) {
    super(`there is a customer "${name}" already: choose another name`);
  }
}

/**
 * Adds a customer with a database, an evidence folder and a script key of its own. The registry learns of it last, of
 * all of it at once, so that whatever fails before leaves a folder and a database that nobody refers to
 * (keeping/leftovers.ts removes them). Throws `NameTaken`, `Refused` if the name can't be one, and `DatabaseUnusable`.
 */
export async function addCustomer(
  server: ServerContext,
  name: string,
  { timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone, databaseServer }: CustomerOptions = {},
  actor: Actor = commandLine,
  keys: readonly KeyAtFirst[] = [],
): Promise<Customer> {
  refuseWrongName(name);
  await refuseTaken(server.registry, name);
  const id = randomUUID() as string as CustomerId;
  await refuseOthersDatabase(server, id, databaseServer ?? null); // is unknown, or not there, before anything is made
  const folder = server.customers.folder(id);
  openPrivateFolder(folder);
  markUnfinished(server, id, databaseServer ?? null);
  mkdirSync(join(folder, 'evidence'), { mode: 0o700 });
  keepPrivateFile(scriptKeyFile(server, id), () => newScriptKey().privateKeyPem);
  const place = await makeDatabase(server, id, databaseServer ?? null);
  const at = server.now();
  const row: CustomerRow = {
    ...{ id, name, time_zone: timeZone, created_at: at, suspended_at: null, suspended_why: null },
    ...{ ...place, schema_version: customerMigrations.length, business_hours: null, password_renewal: null },
    ...{ archive_months_live: null, archive_erase_months: null, archive_hour_months: null },
  };
  const added: AuditEntry = { at, actor, action: 'customer-added', subject: name, detail: { id } };
  const entries = [added, ...keys.map(({ entry }) => entry)];
  await beginTrail(server, row, entries);
  await enter(server, row, keys, entries);
  markFinished(server, id);
  return { id, name, timeZone, suspendedAt: null };
}

/** The customer's database, brought to its schema, tells from the first what the registry will. */
async function beginTrail(server: ServerContext, row: CustomerRow, entries: readonly AuditEntry[]): Promise<void> {
  const db = await openDatabase(await addressOf(server, row), customerMigrations);
  try {
    for (const entry of entries) await audit(db as CustomerDb, entry);
  } finally {
    await db.destroy();
  }
}

/** Tells the registry of the customer. Of two that were made at once with one name the second is taken away again. */
async function enter(
  server: ServerContext,
  row: CustomerRow,
  keys: readonly KeyAtFirst[],
  entries: readonly AuditEntry[],
): Promise<void> {
  try {
    await atomically(server.registry, async (registry) => {
      await refuseTaken(registry, row.name);
      await registry('customers').insert(row);
      for (const key of keys) await registry('archive_keys').insert({ ...key.row, customer_id: row.id });
      for (const entry of entries) await audit(registry, entry);
    });
  } catch (error) {
    if (error instanceof NameTaken) await removeUnfinished(server, row.id);
    throw error;
  }
}

async function refuseTaken(registry: Registry, name: string): Promise<void> {
  const taken = await nameAlike(registry, name);
  if (taken !== undefined) throw new NameTaken(taken);
}

/**
 * The name of a customer who is called so, or so but for capitals: whoever names one of the two to erase it could mean the
 * other. Undefined where there is none.
 */
export async function nameAlike(registry: Registry, name: string): Promise<string | undefined> {
  const names = await registry<CustomerRow>('customers').pluck('name');
  return names.find((one) => alike(one) === alike(name));
}

function alike(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** Throws `Refused` where no customer can be called so. */
export function refuseWrongName(name: string): void {
  if (name.trim() === name && name.length > 0 && name.length <= 200) return;
  throw new Refused("a customer's name has 1 to 200 characters and no space around it");
}

/** All customers by name. */
export async function listCustomers(server: ServerContext): Promise<Customer[]> {
  const rows = await server.registry<CustomerRow>('customers').orderBy('name');
  return rows.map((row) => ({ id: row.id, name: row.name, timeZone: row.time_zone, suspendedAt: row.suspended_at }));
}

/** The customer called or identified so. Throws `Refused` if there is none. */
export async function findCustomer(server: ServerContext, nameOrId: string): Promise<Customer> {
  const all = await listCustomers(server);
  const found = all.find((c) => c.name === nameOrId) ?? all.find((c) => c.id === nameOrId);
  if (found) return found;
  const known = all.map((c) => `"${c.name}"`).join(', ');
  const next = known ? `there are ${known}` : 'there are none yet';
  throw new Refused(`there is no customer "${nameOrId}": ${next}`);
}

/** Where the key lies with which the customer's scripts are signed. */
export function scriptKeyFile(server: ServerContext, id: CustomerId): string {
  return join(server.customers.folder(id), 'script-key.pem');
}
