import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CustomerId } from '../../db/customers.ts';
import type { MysqlAddress } from '../../db/engines/mysql.ts';
import {
  aloneWithAccounts,
  dropSchema,
  makeOtherAccount,
  makeSchema,
  schemaIsThere,
  shutOut,
} from '../../db/engines/mysql-schema.ts';
import type { DatabaseAddress } from '../../db/open-database.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { removeFile } from '../../db/remove-file.ts';
import { Refused } from '../http/refused.ts';
import { databaseServerUrl, tryAccount } from './database-servers.ts';
import { databaseUrl, isDatabaseUrl } from './database-url.ts';
import type { MasterKey } from './master-key.ts';

/** What it takes to find and make customers' databases. */
export interface Databases {
  registry: Registry;
  masterKey: MasterKey;
  /** Where the registry is, and customers for whom nothing else is said: a folder, or the URL of a schema. */
  home: string;
  dataFolder: string;
}

/** Where the registry is when `home` is given so. Throws `Refused` as `databaseUrl`. */
export function registryAddress(home: string): DatabaseAddress {
  return isDatabaseUrl(home) ? databaseUrl(home) : join(home, 'registry.sqlite');
}

/** Whether customers' databases lie beside the registry, which was there before any of them. */
export function registryWasThere(home: string): boolean {
  if (isDatabaseUrl(home)) return false;
  const folder = join(home, 'customers');
  return existsSync(folder) && readdirSync(folder).some((id) => existsSync(join(folder, id, 'live.sqlite')));
}

/** What of a customer's row says where its database is. */
export type Place = Pick<CustomerRow, 'engine' | 'database_server' | 'connection'>;

/** Where a customer's database is. Throws `Refused` where the master key or the database server is another one. */
export async function addressOf(
  databases: Databases,
  { id, ...place }: Place & { id: CustomerId },
): Promise<DatabaseAddress> {
  if (place.engine === 'sqlite') return databaseFile(databases, id);
  const { host, port, ssl } = await administratorOf(databases, place.database_server);
  const account = JSON.parse(databases.masterKey.unseal(place.connection ?? '', aboutCustomer(id)));
  return { host, port, ...(ssl && { ssl }), ...account };
}

/**
 * Makes a customer's database on the named server, else beside the registry, and says where it is. A file is made when it
 * is first opened. Of an attempt that was cut short a later one with the same id makes good use.
 */
export async function makeDatabase(databases: Databases, id: CustomerId, serverName: string | null): Promise<Place> {
  if (engineFor(databases, serverName) === 'sqlite') {
    return { engine: 'sqlite', database_server: null, connection: null };
  }
  const administrator = await administratorOf(databases, serverName);
  const account = await makeSchema(administrator, schemaOf(id));
  await tryAccount(account); // another account there may be taken for it
  const { user, password, database } = account;
  const connection = databases.masterKey.seal(JSON.stringify({ user, password, database }), aboutCustomer(id));
  return { engine: 'mysql', database_server: serverName, connection };
}

/**
 * Has the server work in a customer's schema by another account with a new password from now on; the one before is let in
 * no more. A running server notices when it connects anew. Throws `Refused` where the database is a file.
 */
export async function renewAccount(
  databases: Databases,
  { id, name }: { id: CustomerId; name: string },
): Promise<void> {
  const { registry, masterKey } = databases;
  const customer = () => registry<CustomerRow>('customers').where({ id });
  const place = await customer().first();
  if (place?.engine !== 'mysql') throw new Refused(`the database of "${name}" is a file, to which there is no account`);
  const administrator = await administratorOf(databases, place.database_server);
  // Two at once would give the same account two passwords, and the registry might keep the wrong one.
  await aloneWithAccounts(administrator, schemaOf(id), async () => {
    const known = (await customer().first())?.connection;
    if (!known) throw new Refused(`"${name}" was erased just now`);
    const before: { user: string; database: string } = JSON.parse(masterKey.unseal(known, aboutCustomer(id)));
    const account = await makeOtherAccount(administrator, schemaOf(id), before.user);
    const connection = masterKey.seal(JSON.stringify({ ...account, database: before.database }), aboutCustomer(id));
    const isDone = await customer().where({ connection: known }).update({ connection });
    if (isDone === 0)
      throw new Refused(`what the registry keeps of "${name}" was sealed anew just now: ask for it again`);
    await shutOut(administrator, schemaOf(id), before.user);
  });
}

/**
 * Throws `Refused` where a schema or files of this customer are there already. Ids go along with exports and backups, so
 * another server may be working with them: a data folder can be that of another registry too.
 */
export async function refuseOthersDatabase(databases: Databases, id: CustomerId, serverName: string | null) {
  const folders = [join(databases.dataFolder, 'customers', id), dirname(databaseFile(databases, id))];
  const taken = folders.find((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  if (taken !== undefined)
    throw new Refused(
      `there is a folder ${taken} already, which another Vedette may be working with; nothing was changed: take another ` +
        'folder (--data, --database), or remove that one if you are sure that nobody needs it',
    );
  if (engineFor(databases, serverName) === 'sqlite') return;
  const administrator = await administratorOf(databases, serverName);
  if (!(await schemaIsThere(administrator, schemaOf(id)))) return;
  const { host, port } = administrator;
  throw new Refused(
    `there is a schema ${schemaOf(id)} on ${host}:${port} already, which another Vedette may be working with; nothing was ` +
      'changed: take another database server, or drop that schema if you are sure that nobody needs it',
  );
}

/** What a customer's database is made on, on the named server or beside the registry. */
export function engineFor({ home }: Pick<Databases, 'home'>, serverName: string | null): Place['engine'] {
  return serverName === null && !isDatabaseUrl(home) ? 'sqlite' : 'mysql';
}

/** Removes a customer's schema and account, or its file, which need not lie in the customer's folder. */
export async function dropDatabase(databases: Databases, { id, engine, database_server }: Place & { id: CustomerId }) {
  if (engine === 'mysql') return dropSchema(await administratorOf(databases, database_server), schemaOf(id));
  const file = databaseFile(databases, id);
  removeFile(file);
  const folder = dirname(file);
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

/** A customer's schema as its administrator would look for it; null where its database is a file. */
export async function schemaAt(databases: Databases, { id, engine, database_server }: Place & { id: CustomerId }) {
  if (engine === 'sqlite') return null;
  const { host, port } = await administratorOf(databases, database_server);
  return `the schema ${schemaOf(id)} on ${host}:${port}`;
}

/** A customer's database where it is a file, there or not. */
export function databaseFile({ home, dataFolder }: Pick<Databases, 'home' | 'dataFolder'>, id: CustomerId): string {
  return join(isDatabaseUrl(home) ? dataFolder : home, 'customers', id, 'live.sqlite');
}

async function administratorOf(databases: Databases, serverName: string | null): Promise<MysqlAddress> {
  return databaseUrl(serverName === null ? databases.home : await databaseServerUrl(databases, serverName));
}

/** MySQL's account names have at most 32 letters. */
function schemaOf(id: CustomerId): string {
  return `vedette_${id.replaceAll('-', '').slice(0, 24)}`;
}

/** As what is sealed of a customer's connection says whose it is. */
export function aboutCustomer(id: string): string {
  return `the customer ${id}`;
}
