import { keyOfCustomer, newWaitingKey } from '../archive/keys.ts';
import type { Actor } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { addCustomer, type Customer, type CustomerOptions } from './customers.ts';

/** A customer, and the recipient of its archive's key, which waits for its administrator. */
export interface NewCustomer extends Customer {
  archiveKey: string;
}

/** Adds a customer as an operator wants it: with a key of its archive. Throws as `addCustomer`. */
export async function newCustomer(
  server: ServerContext,
  name: string,
  options: CustomerOptions,
  actor: Actor,
): Promise<NewCustomer> {
  const key = await newWaitingKey(server, name, keyOfCustomer, actor);
  const added = await addCustomer(server, name, options, actor, [key]);
  return { ...added, archiveKey: key.row.recipient };
}
