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
  const { address, ca } = partsOf(text);
  return ca === null ? address : { ...address, ssl: databaseTls(readCa(ca)) };
}

/** Why a setting can't say where the registry is, as far as that shows without a look at files; undefined where it can. */
export function homeFault(text: string): string | undefined {
  const wanted = 'mysql://user:password@host:3306/schema';
  // Also where something stands before it, as a quote: it was taken for a folder, and told with its password.
  if (!isDatabaseUrl(text))
    return /^["'\s]*[a-z][a-z\d+.:-]+:\//i.test(text) ? `must be ${wanted}, or a folder` : undefined;
  try {
    return partsOf(text).address.database === undefined ? `names no schema: write it as ${wanted}` : undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.message;
  }
}

function partsOf(text: string): { address: MysqlAddress; ca: string | null } {
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
  const { host } = address;
  if (ca !== null && isIP(host))
    throw new Refused(`with ?ca= give the database server's name: its certificate is not for ${host}`);
  return { address, ca };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused(`the authority of the database server cannot be read (${why})`, { cause: error });
  }
}
