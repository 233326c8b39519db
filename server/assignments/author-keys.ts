import { createPublicKey } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { AuthorKeyRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { ScriptKey } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { tellChange } from './changes.ts';

/** The keys of authors whose scripts this customer's sentinels are told to run. */
export async function trustedAuthorKeys(db: CustomerDb): Promise<ScriptKey[]> {
  const rows = await db<AuthorKeyRow>('author_keys').whereNull('revoked_at').orderBy('id');
  return rows.map(({ id, public_key: publicKey }) => ({ id, publicKey }));
}

/** All that there ever were, the youngest first. */
export function listAuthorKeys(db: CustomerDb): Promise<AuthorKeyRow[]> {
  return db<AuthorKeyRow>('author_keys').orderBy('added_at', 'desc').orderBy('id').select('*');
}

/** Has scripts that are signed with the private half of `publicKey` (SPKI, base64) be run. Throws `Refused`. */
export async function addAuthorKey(
  server: ServerContext,
  customerId: CustomerId,
  { name, publicKey }: { name: string; publicKey: string },
  actor: Actor = commandLine,
): Promise<string> {
  const spki = spkiOf(publicKey);
  const id = sha256Hex(spki).slice(0, 16);
  const at = server.now();
  const row = { id, public_key: spki.toString('base64'), name, added_by: actor.name ?? actor.kind, added_at: at };
  await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      if (await trx<AuthorKeyRow>('author_keys').where({ id }).first('id'))
        throw new Refused(`the key ${id} is known already: a revoked key does not come back, make another one`);
      await trx('author_keys').insert(row);
      await audit(trx, { at, actor, action: 'author-key-added', subject: name, detail: { id } });
    }),
  );
  await tellChange(server, customerId);
  return id;
}

/** Ends the trust in a key at once: what it signed is run no more. Throws `Refused` if there is none. */
export async function revokeAuthorKey(
  server: ServerContext,
  customerId: CustomerId,
  id: string,
  actor: Actor = commandLine,
): Promise<void> {
  const at = server.now();
  await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const row = await trx<AuthorKeyRow>('author_keys').where({ id }).first();
      if (!row) throw new Refused(`there is no author key ${id}: vedette-server author-key list shows them`);
      if (row.revoked_at !== null) return;
      await trx<AuthorKeyRow>('author_keys').where({ id }).update({ revoked_at: at });
      await audit(trx, { at, actor, action: 'author-key-revoked', subject: row.name, detail: { id } });
    }),
  );
  await tellChange(server, customerId);
}

function spkiOf(publicKey: string): Buffer {
  const key = Buffer.from(publicKey.trim(), 'base64');
  try {
    const { asymmetricKeyType } = createPublicKey({ key, format: 'der', type: 'spki' });
    if (asymmetricKeyType === 'ed25519') return key;
  } catch {
    // what can't be read is no key either
  }
  throw new Refused('that is no Ed25519 public key (SPKI, base64): give the one that `vedette keys create` printed');
}
