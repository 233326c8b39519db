import { join } from 'node:path';
import type { Knex } from 'knex';
import { openDatabase } from '../open-database.ts';
import { registryMigrations } from './migrations.ts';

declare const brand: unique symbol;

/** The one shared database: customers, users, API-key hashes, the provider's audit. */
export type Registry = Knex & { readonly [brand]: 'registry' };

/** Opens the registry in a data folder, made and migrated as need be. Close it with `destroy()`. */
export async function openRegistry(dataFolder: string): Promise<Registry> {
  return (await openDatabase(join(dataFolder, 'registry.sqlite'), registryMigrations)) as Registry;
}
