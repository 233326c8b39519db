import { atomically } from '../../db/atomically.ts';
import type { UserRow } from '../../db/registry/rows.ts';
import { markOf } from '../accounts/password.ts';
import { addPasswordKey, dropPasswordKeys, keyOfMark, type PasswordKeys } from '../accounts/password-keys.ts';
import { recoveryHashes } from '../accounts/second-factor.ts';
import { audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';

/** A new key is used from now on, and the one before still counts; or that one is removed. */
export type PasswordKeyStep = 'begin' | 'end';

/**
 * Changes the key under which passwords are kept. First a new one is made: whoever signs in is kept under it from then on.
 * Given again, the key before is removed, once no account needs it. `force` removes it in any case: who needs it has to be
 * given a link then. Recovery codes of that key are gone with it. Cut short, either is ended by doing it again. Throws
 * `Refused` where accounts need it.
 */
export async function rotatePasswordKey(server: ServerContext, force: boolean): Promise<PasswordKeyStep> {
  const step = server.passwordKeys.length === 1 ? 'begin' : 'end';
  if (step === 'begin') addPasswordKey(server.dataFolder);
  else await removeEarlier(server, force);
  const detail = { step, id: server.passwordKeys[0].id };
  const entry = {
    at: server.now(),
    actor: commandLine,
    action: 'key-rotated',
    subject: 'password key',
    detail,
  } as const;
  await audit(server.registry, entry);
  return step;
}

/** Accounts whose passwords are kept under an earlier key, by name. */
export async function underEarlierKey({ registry, passwordKeys }: ServerContext): Promise<string[]> {
  const users = await registry<UserRow>('users').whereNot({ password_hash: '' }).orderBy('name');
  return users.filter(({ password_hash }) => !isNewest(passwordKeys, password_hash)).map(({ name }) => name);
}

async function removeEarlier(server: ServerContext, force: boolean): Promise<void> {
  const waiting = await underEarlierKey(server);
  if (waiting.length > 0 && !force) {
    const names = [...waiting.slice(0, 5), ...(waiting.length > 5 ? ['…'] : [])].join(', ');
    throw new Refused(
      `${waiting.length} accounts have not signed in since (${names}): wait until they did, reset or remove them, or go on ` +
        'with --force: then each of them needs a link to choose a password (vedette-server user reset NAME)',
    );
  }
  const keys = server.passwordKeys;
  await atomically(server.registry, async (trx) => {
    for (const { id, recovery_hashes } of await trx<UserRow>('users').whereNotNull('recovery_hashes')) {
      const all = recoveryHashes({ recovery_hashes });
      const left = all.filter((kept) => isNewest(keys, kept));
      const changed = { recovery_hashes: JSON.stringify(left) };
      if (left.length < all.length) await trx<UserRow>('users').where({ id, recovery_hashes }).update(changed);
    }
  });
  dropPasswordKeys(server.dataFolder); // last: what it is needed for is gone
}

function isNewest(keys: PasswordKeys, kept: string): boolean {
  return keyOfMark(keys, markOf(kept)) === keys[0];
}
