import { join, resolve } from 'node:path';
import { isThere, readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import { openMysql } from '../../db/engines/mysql.ts';
import { openReadOnly } from '../../db/engines/sqlite.ts';
import { openRegistry, type Registry } from '../../db/registry/registry.ts';
import { Refused } from '../http/refused.ts';
import { registryAddress, registryWasThere } from './customer-database.ts';
import { databaseUrl, isDatabaseUrl } from './database-url.ts';

/*
 * A server that is started without its setting for the databases would make an empty registry, and answer every sentinel that
 * it is unknown. So its data folder remembers where the registry is.
 */

/** Where the registry is: the same whatever account and password it is reached with. */
export function registryName(home: string): string {
  if (!isDatabaseUrl(home)) return resolve(home);
  const { host, port, database } = databaseUrl(home);
  return `${host}:${port}/${database}`;
}

/**
 * Opens the registry of this data folder. Throws `Refused` where it is known to be elsewhere and none here is in use, else
 * as `openRegistry`. One that was moved here is taken; to have another one made, the file that remembers is removed.
 */
export async function openOwnRegistry(dataFolder: string, home: string): Promise<Registry> {
  const file = join(dataFolder, 'registry-place');
  const [known, here] = [readIfThere(file), registryName(home)];
  if (known === here) return openRegistry(registryAddress(home), true);
  if (known !== undefined && !(await hasRegistry(home))) throw elsewhere(known, here, file);
  const registry = await openRegistry(registryAddress(home), registryWasThere(home));
  try {
    replacePrivateFile(file, here);
    return registry;
  } catch (error) {
    await registry.destroy();
    throw error;
  }
}

function elsewhere(known: string, here: string, file: string): Refused {
  return new Refused(
    `the registry of this server is ${known}, as ${file} says, and there is none at ${here} yet that knows anybody: nothing was made; give ` +
      `--database or VEDETTE_DATABASE_URL as before, or if a new registry is meant, which knows nobody, remove ${file} first`,
  );
}

/** Whether there is one that knows anybody: earlier versions made empty ones wherever they were started. */
async function hasRegistry(home: string): Promise<boolean> {
  const address = registryAddress(home);
  if (typeof address === 'string' && !isThere(address)) return false;
  const db = typeof address === 'string' ? openReadOnly(address) : openMysql(address);
  try {
    if (!(await db.schema.hasTable('users'))) return false; // the table of customers is older
    return Boolean((await db('customers').first('id')) ?? (await db('users').first('id')));
  } finally {
    await db.destroy();
  }
}
