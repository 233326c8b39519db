import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { databaseTls } from '../../certs/pin.ts';
import { type MysqlAddress, mysqlAddress } from '../../db/engines/mysql.ts';
import { Refused } from '../http/refused.ts';

/** Whether a setting means a database server; else it is a folder. */
export function isDatabaseUrl(text: string): boolean {
  return /^(mysql|mariadb):\/\//i.test(text);
}

/**
 * What `mysql://user:password@host:port/schema?ca=FILE` says: with `ca` the connection is encrypted, and the server's
 * certificate has to be signed by an authority of that file for that host. Throws `Refused`.
 */
export function databaseUrl(text: string): MysqlAddress {
  let address: MysqlAddress;
  try {
    address = mysqlAddress(text);
  } catch (error) {
    // The text holds a password, so it is not told.
    const wanted = 'mysql://user:password@host:3306/schema, with %-signs for what is no letter or digit';
    throw new Refused(`the address of the database server cannot be read: write it as ${wanted}`, { cause: error });
  }
  const query = new URL(text).searchParams;
  for (const name of query.keys()) {
    if (name !== 'ca') throw new Refused(`the address of the database server knows ?ca=FILE, not ?${name}`);
  }
  const ca = query.get('ca');
  return ca === null ? address : { ...address, ssl: databaseTls(readCa(ca, address.host)) };
}

function readCa(file: string, host: string): string {
  if (isIP(host)) throw new Refused(`with ?ca= give the database server's name: its certificate is not for ${host}`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused(`the authority of the database server cannot be read (${why})`, { cause: error });
  }
}
