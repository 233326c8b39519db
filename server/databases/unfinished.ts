import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';

/*
 * A customer that is being made has a mark in its folder until the registry knows of it. So what a crash leaves of one is
 * told from customers that belong to another registry: their folders have none.
 */

type Server = Pick<ServerContext, 'customers'>;

/** From here on what is there under this id is ours to remove. `databaseServer`: where its schema will be. */
export function markUnfinished(server: Server, id: CustomerId, databaseServer: string | null): void {
  replacePrivateFile(markOf(server, id), JSON.stringify({ databaseServer }));
}

/** The registry knows of the customer. */
export function markFinished(server: Server, id: CustomerId): void {
  rmSync(markOf(server, id), { force: true });
}

/** Where the schema of a customer is that is being made, or was when something was cut short; undefined if it is not so. */
export function unfinished(server: Server, id: CustomerId): { databaseServer: string | null } | undefined {
  const mark = readIfThere(markOf(server, id));
  return mark === undefined ? undefined : JSON.parse(mark);
}

function markOf({ customers }: Server, id: CustomerId): string {
  return join(customers.folder(id), 'unfinished');
}
