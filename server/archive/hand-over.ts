import type { ArchiveKeyRow } from '../../db/registry/rows.ts';
import type { Customer } from '../accounts/customers.ts';
import { type Actor, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { aboutRecipient } from './keys.ts';

/*
 * A key that is made with a customer, or on the page, waits for its keeper: what opens it lies here sealed until an
 * administrator of the customer has said that they keep it. From then on it is theirs alone.
 */

type Owner = Pick<Customer, 'id'>;

/** What opens a key that waits; whoever asks is told of in the trail first. Throws `Refused` where none waits. */
export async function showIdentity(
  server: ServerContext,
  { id }: Owner,
  recipient: string,
  actor: Actor,
): Promise<string> {
  const identity = open(server, await waitingKey(server, id, recipient));
  await auditForBoth(server, id, { at: server.now(), actor, action: 'archive-key-shown', subject: recipient });
  return identity;
}

/**
 * Somebody keeps it: nothing of it stays here, unless the customer agrees that the operator keeps a sealed copy. Throws
 * `Refused` where it did not wait.
 */
export async function identityKept(
  server: ServerContext,
  { id }: Owner,
  recipient: string,
  { keepCopy }: { keepCopy: boolean },
  actor: Actor,
): Promise<void> {
  const { waiting } = await waitingKey(server, id, recipient);
  const kept = await server
    .registry<ArchiveKeyRow>('archive_keys')
    .where({ customer_id: id, recipient, waiting })
    .update({ waiting: null, ...(keepCopy && { identity: waiting }) });
  if (kept === 0) throw gone();
  const entry = { at: server.now(), actor, action: 'archive-key-kept', subject: recipient } as const;
  await auditForBoth(server, id, { ...entry, detail: { copyKept: keepCopy } });
}

/** Keys of a customer that wait for their keeper, the oldest first. */
export async function waitingKeys({ registry }: ServerContext, id: Customer['id']): Promise<ArchiveKeyRow[]> {
  const rows = registry<ArchiveKeyRow>('archive_keys').where({ customer_id: id }).whereNotNull('waiting');
  return rows.orderBy('created_at');
}

async function waitingKey(server: ServerContext, id: Customer['id'], recipient: string): Promise<ArchiveKeyRow> {
  const found = (await waitingKeys(server, id)).find((row) => row.recipient === recipient);
  if (!found) throw gone();
  return found;
}

function open({ masterKey }: ServerContext, { recipient, waiting }: ArchiveKeyRow): string {
  return masterKey.unseal(waiting ?? '', aboutRecipient(recipient));
}

function gone(): Refused {
  return new Refused('what opens this key is not here: somebody keeps it already, or it was made elsewhere');
}
