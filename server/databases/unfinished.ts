import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { registryName } from './registry-place.ts';

/*
 * A customer that is being made has a mark in its folder until the registry knows of it. So what a crash leaves of one is
 * told from customers that belong to another registry: their folders have none.
 */

const markFile = 'unfinished';

type Server = Pick<ServerContext, 'customers' | 'home'>;

interface Mark {
  /** Where its schema will be. */
  databaseServer: string | null;
  /** Which is to know of it: another one can't tell whether it does by now. */
  registry: string;
}

/** From here on what is there under this id is ours to remove. */
export function markUnfinished(server: Server, id: CustomerId, databaseServer: string | null): void {
  const mark: Mark = { databaseServer, registry: registryName(server.home) };
  replacePrivateFile(markOf(server, id), JSON.stringify(mark));
}

/** Removes what an earlier attempt left beside the mark: its files alone, not what is in a database. */
export function removeUnfinished(server: Server, id: CustomerId): void {
  const folder = server.customers.folder(id);
  for (const name of readdirSync(folder)) {
    if (name !== markFile) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** The registry knows of the customer. */
export function markFinished(server: Server, id: CustomerId): void {
  rmSync(markOf(server, id), { force: true });
}

/** The mark of a customer that is being made for this registry, or was when something was cut short; undefined if it is not so. */
export function unfinished(server: Server, id: CustomerId): Mark | undefined {
  const text = readIfThere(markOf(server, id));
  const mark: Mark | undefined = text === undefined ? undefined : JSON.parse(text);
  return mark?.registry === registryName(server.home) ? mark : undefined;
}

function markOf({ customers }: Server, id: CustomerId): string {
  return join(customers.folder(id), markFile);
}
