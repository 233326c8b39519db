import { atomically } from '../../db/atomically.ts';
import type { UserLinkRow, UserRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { newToken, tokenHash } from '../http/token.ts';
import { changePassword } from './change-password.ts';
import { forgetDevices, rememberDevice } from './known-devices.ts';
import { unlock } from './sign-in-lock.ts';

const hour = 3_600_000;
/** How long a link is good for (ms). */
const lives = { invitation: 7 * 24 * hour, reset: hour } as const;

/** A link to hand over: whoever opens it chooses the user's password. It is shown once and kept as a hash. */
export interface UserLink {
  purpose: UserLinkRow['purpose'];
  /** To be put behind the address of the console: `/password#…`, which no server and no log gets to see. */
  path: string;
  expiresAt: number;
}

/** Makes a link for the user, good for one use; those made before are worth nothing from now on. */
export async function makeLink(server: ServerContext, user: Pick<UserRow, 'id' | 'password_hash'>): Promise<UserLink> {
  const purpose = user.password_hash === '' ? 'invitation' : 'reset';
  const [token, expires_at] = [newToken(), server.now() + lives[purpose]];
  await atomically(server.registry, async (trx) => {
    await trx<UserLinkRow>('user_links').where({ user_id: user.id }).delete();
    await trx('user_links').insert({ token_hash: tokenHash(token), user_id: user.id, purpose, expires_at });
  });
  return { purpose, path: `/password#${token}`, expiresAt: expires_at };
}

/** Whose link it is. 410 `LINK_GONE` if it was used, is too old, or never was one. */
export async function lookAtLink(server: ServerContext, token: string): Promise<{ link: UserLinkRow; user: UserRow }> {
  const { registry, now } = server;
  const hash = { token_hash: tokenHash(token) };
  const link = await registry<UserLinkRow>('user_links').where(hash).where('expires_at', '>', now()).first();
  const user = link && (await registry<UserRow>('users').where({ id: link.user_id }).whereNull('disabled_at').first());
  if (link && user) return { link, user };
  const detail = 'this link was used before, or is too old: ask an administrator for another one';
  throw new HttpProblem(410, 'LINK_GONE', detail);
}

/**
 * Uses a link up and gives its user this password. Sessions, known browsers and locks end with the old one; the browser in
 * which it is done, `device` if others have signed in with it, is known from then on by the token that is returned, so that
 * strangers who go on failing keep nobody out. Problems: as `lookAtLink` and `changePassword`; a password that is refused
 * leaves the link as it was.
 */
export async function choosePasswordByLink(
  server: ServerContext,
  { token, password, device }: { token: string; password: string; device: string | undefined },
): Promise<string> {
  const { user } = await lookAtLink(server, token);
  const actor = { kind: user.customer_id === null ? 'operator' : 'user', id: user.id, name: user.name } as const;
  await changePassword(server, { user, password, actor });
  await forgetDevices(server.registry, user.id);
  await unlock(server.registry, user.name);
  return rememberDevice(server.registry, user.id, device, server.now());
}
