import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CustomerId } from '../../db/customers.ts';
import { scriptKeyOf } from '../../scripts-library/publish/sign.ts';
import type { ScriptKey } from '../../sentinel/protocol/messages.ts';
import { scriptKeyFile } from '../accounts/customers.ts';
import type { ServerContext } from '../http/context.ts';

/** The public keys that a customer's sentinels are told to trust. */
export function scriptKeys(server: ServerContext, customerId: CustomerId): ScriptKey[] {
  const { id, publicKey } = scriptKeyOf(readFileSync(scriptKeyFile(server, customerId), 'utf8'));
  return [{ id, publicKey }];
}

/** The key with which the server signs what is published for this customer. */
export function signingKey(server: ServerContext, customerId: CustomerId): { id: string; privateKey: KeyObject } {
  const pem = readFileSync(scriptKeyFile(server, customerId), 'utf8');
  return { id: scriptKeyOf(pem).id, privateKey: createPrivateKey(pem) };
}
