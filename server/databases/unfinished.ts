import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import type { CustomerId } from '../../db/customers.ts';
import { DatabaseUnusable } from '../../db/database-unusable.ts';
import type { ServerContext } from '../http/context.ts';
import { type Databases, dropDatabase, engineFor } from './customer-database.ts';
import { registryName } from './registry-place.ts';

/*
 * A customer that is being made has a mark in its folder until the registry knows of it. So what a crash leaves of one is
 * told from customers that belong to another registry: their folders have none.
 */

const markFile = 'unfinished';

type Server = Pick<ServerContext, 'customers' | 'home' | 'dataFolder'>;

interface Mark {
  /** Where its schema will be. */
  databaseServer: string | null;
  /** Which is to know of it: another one can't tell whether it does by now. */
  registry: string;
}

/** From here on what is there under this id is ours to remove. */
export function markUnfinished(server: Server, id: CustomerId, databaseServer: string | null): void {
  const mark: Mark = { databaseServer, registry: registryOf(server, databaseServer) };
  replacePrivateFile(markOf(server, id), JSON.stringify(mark));
}

/**
 * Removes what is left of a customer that was being made, if there is such a one: what is in a database where the mark says,
 * then its files, the mark last. Throws `DatabaseUnusable` where that database server is not there.
 */
export async function removeUnfinished(server: Databases & Server, id: CustomerId): Promise<void> {
  const mark = unfinished(server, id);
  if (!mark) return;
  const { databaseServer: database_server } = mark;
  const folder = server.customers.folder(id);
  try {
    await dropDatabase(server, { id, engine: engineFor(server, database_server), database_server, connection: null });
  } catch (cause) {
    if (!(cause instanceof DatabaseUnusable)) throw cause;
    const next = `try again once that is put right, or, if it is gone for ever, remove the folder ${folder}`;
    throw new DatabaseUnusable(`${cause.message}; the making of a customer was cut short there; ${next}`, { cause });
  }
  for (const name of readdirSync(folder)) {
    if (name !== markFile) rmSync(join(folder, name), { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true });
}

/** The registry knows of the customer. */
export function markFinished(server: Server, id: CustomerId): void {
  rmSync(markOf(server, id), { force: true });
}

/** The mark of a customer that is being made for this registry, or was when something was cut short; undefined if it is not so. */
export function unfinished(server: Server, id: CustomerId): Mark | undefined {
  const text = readIfThere(markOf(server, id));
  const mark: Mark | undefined = text === undefined ? undefined : JSON.parse(text);
  // Once the registry beside it was named by its path.
  const own = [registryOf(server, mark?.databaseServer ?? null), registryName(server.home)];
  return mark && own.includes(mark.registry) ? mark : undefined;
}

/** One that lies in the data folder, as the database does, moves with both: what is removed there is nobody else's. */
function registryOf({ home, dataFolder }: Server, databaseServer: string | null): string {
  const isInside = engineFor({ home }, databaseServer) === 'sqlite' && resolve(home) === resolve(dataFolder);
  return isInside ? '.' : registryName(home);
}

function markOf({ customers }: Server, id: CustomerId): string {
  return join(customers.folder(id), markFile);
}
