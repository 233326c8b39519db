import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../../certs/private-file.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { scriptKeyOf } from '../../scripts-library/publish/sign.ts';
import { ScriptKey } from '../../sentinel/protocol/messages.ts';
import { scriptKeyFile } from '../accounts/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { trustedAuthorKeys } from './author-keys.ts';

/** The public keys that a customer's sentinels are told to trust: the present one, and the one before while scripts are signed anew. */
export function scriptKeys(server: ServerContext, customerId: CustomerId): ScriptKey[] {
  const { id, publicKey } = scriptKeyOf(readFileSync(scriptKeyFile(server, customerId), 'utf8'));
  const before = readIfThere(beforeFile(server, customerId));
  return [{ id, publicKey }, ...(before === undefined ? [] : [ScriptKey.parse(JSON.parse(before))])];
}

/** The same, and the authors' own. */
export async function trustedScriptKeys(
  server: ServerContext,
  db: CustomerDb,
  customerId: CustomerId,
): Promise<ScriptKey[]> {
  return [...scriptKeys(server, customerId), ...(await trustedAuthorKeys(db))];
}

/** Where the public half of the key before lies while the key is changed. */
export function beforeFile(server: ServerContext, customerId: CustomerId): string {
  return join(server.customers.folder(customerId), 'script-key-before.json');
}

/** The key with which the server signs what is published for this customer. */
export function signingKey(server: ServerContext, customerId: CustomerId): { id: string; privateKey: KeyObject } {
  const pem = readFileSync(scriptKeyFile(server, customerId), 'utf8');
  return { id: scriptKeyOf(pem).id, privateKey: createPrivateKey(pem) };
}
