import { type MysqlAddress, openMysql } from '../../db/engines/mysql.ts';
import type { DatabaseServerRow } from '../../db/registry/rows.ts';
import { audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { databaseUrl, isDatabaseUrl } from './database-url.ts';

type Server = Pick<ServerContext, 'registry' | 'masterKey' | 'now'>;

/** A server on which customers' databases can be made. */
export interface DatabaseServer {
  name: string;
  /** Host and port. */
  address: string;
}

/** Adds a server of MariaDB or MySQL, once its administrator could be signed in. Throws `Refused` or `DatabaseUnusable`. */
export async function addDatabaseServer(server: Server, name: string, url: string): Promise<DatabaseServer> {
  if (!/^[\w.-]{1,100}$/.test(name)) throw new Refused('a database server is named with letters, digits, - _ and .');
  if (!isDatabaseUrl(url)) throw new Refused("a database server's address begins with mysql://");
  const { database: _, ...administrator } = databaseUrl(url);
  await tryAccount(administrator);
  const at = server.now();
  const address = `${administrator.host}:${administrator.port}`;
  const row: DatabaseServerRow = {
    name,
    address,
    sealed: server.masterKey.seal(url, aboutDatabaseServer(name)),
    created_at: at,
  };
  await server.registry('database_servers').insert(row).onConflict('name').merge(['address', 'sealed']);
  await audit(server.registry, {
    at,
    actor: commandLine,
    action: 'database-server-added',
    subject: name,
    detail: { address },
  });
  return { name, address };
}

/** Signs in once. Throws `DatabaseUnusable` if the account is not let in. */
export async function tryAccount(account: MysqlAddress): Promise<void> {
  const db = openMysql(account);
  try {
    await db.raw('select 1');
  } finally {
    await db.destroy();
  }
}

/** All of them by name. */
export async function databaseServers({ registry }: Pick<Server, 'registry'>): Promise<DatabaseServer[]> {
  return registry<DatabaseServerRow>('database_servers').orderBy('name').select('name', 'address');
}

/** The URL of the server with its administrator's account. Throws `Refused` if there is none of that name. */
export async function databaseServerUrl(server: Pick<Server, 'registry' | 'masterKey'>, name: string): Promise<string> {
  const row = await server.registry<DatabaseServerRow>('database_servers').where({ name }).first();
  if (row) return server.masterKey.unseal(row.sealed, aboutDatabaseServer(name));
  const known = (await databaseServers(server)).map((one) => `"${one.name}"`).join(', ');
  const next = known ? `there are ${known}` : 'add it with: vedette-server database-server add NAME URL';
  throw new Refused(`there is no database server "${name}": ${next}`);
}

/** As what is sealed of a database server's address says whose it is. */
export function aboutDatabaseServer(name: string): string {
  return `the database server ${name}`;
}
