import type { Knex } from 'knex';
import { type DatabaseAddress, openDatabase } from '../open-database.ts';
import { registryMigrations } from './migrations.ts';

declare const brand: unique symbol;

/** The one shared database: customers, users, API-key hashes, the provider's audit. */
export type Registry = Knex & { readonly [brand]: 'registry' };

/** Connections to the registry, where it is no file. */
const connections = 5;

/**
 * Opens the registry, its tables made, unless it `wasThere` before, and migrated as need be. Close it with `destroy()`.
 * Throws as `openDatabase`.
 */
export async function openRegistry(at: DatabaseAddress, wasThere = false): Promise<Registry> {
  const opening = { connections, overwritesDeleted: true, wasThere };
  return (await openDatabase(at, registryMigrations, opening)) as Registry;
}
