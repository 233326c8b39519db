import { join, resolve } from 'node:path';
import { isThere, readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import { openDatabase } from '../../db/open-database.ts';
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
 * Opens the registry of this data folder. Throws `Refused` where it is known to be elsewhere and there is none here yet, else
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
    `the registry of this server is ${known}, as ${file} says, and there is none at ${here} yet: nothing was made; give ` +
      `--database or VEDETTE_DATABASE_URL as before, or if a new registry is meant, which knows nobody, remove ${file} first`,
  );
}

async function hasRegistry(home: string): Promise<boolean> {
  const address = registryAddress(home);
  if (typeof address === 'string') return isThere(address);
  const db = await openDatabase(address, 'up to date');
  try {
    return await db.schema.hasTable('customers');
  } finally {
    await db.destroy();
  }
}
