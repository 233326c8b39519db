import type { CustomerId } from '../../db/customers.ts';
import type { ArchiveKeyRow } from '../../db/registry/rows.ts';
import type { Customer, KeyAtFirst } from '../accounts/customers.ts';
import { type Actor, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { isRecipient, newIdentity } from './age.ts';

/** What everybody is told before a key is made: afterwards it is too late. */
export const lossExplained =
  'Whoever has this identity can read the archive, and without it nobody can, we included: if every copy of it is lost, ' +
  'all months that were sealed to it alone are lost for ever. Keep it in two places that cannot burn together, neither of ' +
  'them this server. A second key (of another person, on paper in a safe) guards against the loss of the first.';

/** What the key is called that is made with a customer. */
export const keyOfCustomer = 'Made with the customer';

export interface NewArchiveKey {
  recipient: string;
  /** Told this once, and kept nowhere unless `keepCopy` was wished. */
  identity: string;
}

/** To whom new months are sealed. */
export async function recipientsOf({ registry }: ServerContext, id: CustomerId): Promise<string[]> {
  const rows = registry<ArchiveKeyRow>('archive_keys').where({ customer_id: id }).whereNull('retired_at');
  return rows.orderBy('created_at').pluck('recipient');
}

/** All keys that a customer ever had, the oldest first. */
export async function archiveKeys({ registry }: ServerContext, id: CustomerId): Promise<ArchiveKeyRow[]> {
  return registry<ArchiveKeyRow>('archive_keys').where({ customer_id: id }).orderBy('created_at');
}

export interface KeyWish {
  /** Who keeps it. */
  name: string;
  /** The customer agrees that the operator keeps a sealed copy, and can then read the archive too. */
  keepCopy: boolean;
}

/** Makes a key for a customer's archive; months that are sealed from now on are sealed to it too. */
export async function makeArchiveKey(
  server: ServerContext,
  customer: Pick<Customer, 'id' | 'name'>,
  { name, keepCopy }: KeyWish,
  actor: Actor,
): Promise<NewArchiveKey> {
  const { identity, recipient } = await newIdentity();
  const sealed = keepCopy ? server.masterKey.seal(identity, aboutRecipient(recipient)) : null;
  const key = keyFrom(server, customer.name, { recipient, name, identity: sealed, waiting: null }, actor);
  await add(server, customer.id, key);
  return { recipient, identity };
}

/** Makes one whose identity waits here, sealed, until its keeper has it: see `showIdentity`. Returns the recipient. */
export async function makeWaitingKey(
  server: ServerContext,
  customer: Pick<Customer, 'id' | 'name'>,
  name: string,
  actor: Actor,
): Promise<string> {
  const key = await newWaitingKey(server, customer.name, name, actor);
  await add(server, customer.id, key);
  return key.row.recipient;
}

/** The same for a customer that is still being made: what is to be kept and told of it. */
export async function newWaitingKey(
  server: ServerContext,
  customerName: string,
  name: string,
  actor: Actor,
): Promise<KeyAtFirst> {
  const { identity, recipient } = await newIdentity();
  const waiting = server.masterKey.seal(identity, aboutRecipient(recipient));
  return keyFrom(server, customerName, { recipient, name, identity: null, waiting }, actor);
}

/** Adds a key that was made elsewhere, as with `age-keygen`: its identity is never here. Throws `Refused` if it is none. */
export async function addRecipient(
  server: ServerContext,
  customer: Pick<Customer, 'id' | 'name'>,
  { recipient, name }: { recipient: string; name: string },
  actor: Actor,
): Promise<void> {
  if (!(await isRecipient(recipient))) {
    throw new Refused('that is no recipient of age: it begins with age1, as age-keygen prints it after "Public key:"');
  }
  const known = await server.registry('archive_keys').where({ customer_id: customer.id, recipient }).first();
  if (known) throw new Refused('the archive has this key already');
  await add(
    server,
    customer.id,
    keyFrom(server, customer.name, { recipient, name, identity: null, waiting: null }, actor),
  );
}

function keyFrom(
  server: ServerContext,
  customerName: string,
  key: Pick<ArchiveKeyRow, 'recipient' | 'name' | 'identity' | 'waiting'>,
  actor: Actor,
): KeyAtFirst {
  const at = server.now();
  const detail = { customer: customerName, name: key.name, copyKept: key.identity !== null };
  return {
    row: { ...key, added_by: actor.name ?? '', created_at: at, retired_at: null },
    entry: { at, actor, action: 'archive-key-added', subject: key.recipient, detail },
  };
}

async function add(server: ServerContext, id: CustomerId, { row, entry }: KeyAtFirst): Promise<void> {
  await server.registry('archive_keys').insert({ ...row, customer_id: id });
  await auditForBoth(server, id, entry);
}

/** From now on nothing is sealed to this key; what was sealed to it stays so. Throws `Refused` if none would be left. */
export async function retireArchiveKey(
  server: ServerContext,
  customer: Pick<Customer, 'id' | 'name'>,
  recipient: string,
  actor: Actor,
): Promise<void> {
  const present = await recipientsOf(server, customer.id);
  if (!present.includes(recipient))
    throw new Refused('the archive has no such key in use: archive keys list names them');
  if (present.length === 1)
    throw new Refused('it is the only key in use: make another first, and then retire this one');
  await server
    .registry<ArchiveKeyRow>('archive_keys')
    .where({ customer_id: customer.id, recipient })
    .update({ retired_at: server.now() });
  const entry = { at: server.now(), actor, action: 'archive-key-retired', subject: recipient } as const;
  await auditForBoth(server, customer.id, entry);
}

/** Identities that the operator keeps with the customer's leave. */
export async function keptIdentities(server: ServerContext, id: CustomerId): Promise<string[]> {
  const keys = await archiveKeys(server, id);
  return keys.flatMap(({ recipient, identity }) =>
    identity === null ? [] : server.masterKey.unseal(identity, aboutRecipient(recipient)),
  );
}

/** As what is sealed of an identity says which it is. */
export function aboutRecipient(recipient: string): string {
  return `the archive key ${recipient}`;
}
