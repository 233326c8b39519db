import { atomically } from '../../db/atomically.ts';
import type { CustomerRow, UserRow } from '../../db/registry/rows.ts';
import { type Actor, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { hashPassword } from './password.ts';
import { hashesAfter, refuseEarlier, refuseWeak } from './password-rules.ts';

export interface PasswordChange {
  user: UserRow;
  password: string;
  actor: Actor;
  /** Hash of the token of the session that goes on; none unless given. */
  keptSession?: string;
}

/**
 * Gives a user another password, if it keeps the rules: 400 `PASSWORD_REFUSED` says which it breaks and what would help.
 * All that was opened by the old one ends: sessions, and links to choose a password.
 */
export async function changePassword(server: ServerContext, change: PasswordChange): Promise<void> {
  const { user, password, actor } = change;
  const refused = refusedAs(400, 'PASSWORD_REFUSED');
  await refuseWeak(password, await wordsOf(server, user)).catch(refused);
  await refuseEarlier(server, user, password).catch(refused);
  const at = server.now();
  await store(server, change, await hashPassword(server, password), at);
  await auditForBoth(server, user.customer_id, { at, actor, action: 'password-changed', subject: user.name });
}

/** 409 `CHANGED_MEANWHILE` if it is not the password any more that was asked to be changed. */
function store(
  { registry }: ServerContext,
  { user: { id, password_hash, ...user }, keptSession }: PasswordChange,
  hash: string,
  at: number,
): Promise<void> {
  const earlier_hashes = hashesAfter({ password_hash, ...user });
  const changed = { password_hash: hash, earlier_hashes, password_changed_at: at, change_demanded_at: null };
  return atomically(registry, async (trx) => {
    if ((await trx<UserRow>('users').where({ id, password_hash }).update(changed)) === 0) {
      const detail = 'the password was changed by somebody else just now: sign in again';
      throw new HttpProblem(409, 'CHANGED_MEANWHILE', detail);
    }
    await trx('user_links').where({ user_id: id }).delete();
    await trx('sessions')
      .where({ user_id: id })
      .whereNot({ token_hash: keptSession ?? '' })
      .delete();
  });
}

/** What others know of the account. */
async function wordsOf(server: ServerContext, { name, customer_id }: UserRow): Promise<string[]> {
  const customers = server.registry<CustomerRow>('customers').where({ id: customer_id ?? ('' as never) });
  const customer = customer_id === null ? undefined : await customers.first('name');
  const parts = [name, customer?.name ?? ''].flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set([...parts, 'vedette'])].filter((word) => word !== '');
}
