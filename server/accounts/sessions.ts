import type { CustomerRow, SessionRow, UserRow } from '../../db/registry/rows.ts';
import { audit, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { isProvider, permissionsOf } from '../http/permissions.ts';
import { HttpProblem } from '../http/problem.ts';
import { absoluteLimitMs, actorOf, idleLimitMs, type SignedIn } from '../http/session-auth.ts';
import { newToken, tokenHash } from '../http/token.ts';
import { openGrants, presentGrant } from './grants.ts';
import { passwordHolds } from './password.ts';
import type { Session } from './shapes.ts';
import { countAttempt, forgetFailures } from './sign-in-lock.ts';

export interface Credentials {
  name: string;
  password: string;
}

/**
 * Begins a session; `token` goes into the cookie and is kept as a hash alone. `source` is the asker's address. Problems:
 * 401 `SIGN_IN_FAILED` (whichever of the two was wrong), 429 `LOCKED`.
 */
export async function signIn(
  server: ServerContext,
  { name, password }: Credentials,
  source: string,
): Promise<{ token: string; signedIn: SignedIn }> {
  const at = server.now();
  const lockedUntil = await countAttempt(server.registry, name, source, at);
  if (lockedUntil !== undefined) throw locked(lockedUntil - at);
  const user = await server.registry<UserRow>('users').where({ name }).first();
  if (!(await passwordHolds(server, password, user?.password_hash)) || !user) {
    // Into the registry alone: one more write for names that exist could be measured.
    await audit(server.registry, { at, actor: { kind: 'user', name }, action: 'sign-in-failed', detail: { source } });
    throw new HttpProblem(401, 'SIGN_IN_FAILED', 'the name or the password is wrong');
  }
  await forgetFailures(server.registry, name, source);
  const token = newToken();
  const session = {
    token_hash: tokenHash(token),
    user_id: user.id,
    csrf_token: newToken(),
    created_at: at,
    last_seen_at: at,
  };
  await server.registry<SessionRow>('sessions').insert(session);
  await removeEnded(server, at);
  await auditForBoth(server, user.customer_id, {
    at,
    actor: actorOf(user),
    action: 'signed-in',
    detail: { source },
  });
  const { id, role, customer_id: customerId } = user;
  return { token, signedIn: { user: { id, name, role, customerId }, csrfToken: session.csrf_token } };
}

/** Ends the session of this token. */
export async function signOut(server: ServerContext, token: string, { user }: SignedIn): Promise<void> {
  await server
    .registry<SessionRow>('sessions')
    .where({ token_hash: tokenHash(token) })
    .delete();
  await auditForBoth(server, user.customerId, {
    at: server.now(),
    actor: actorOf(user),
    action: 'signed-out',
  });
}

/** What the console is told of its session. */
export async function presentSession(server: ServerContext, { user, csrfToken }: SignedIn): Promise<Session> {
  const customer = user.customerId
    ? await server.registry<CustomerRow>('customers').where({ id: user.customerId }).first()
    : undefined;
  return {
    user: { id: user.id, name: user.name, role: user.role },
    customer: customer ? { id: customer.id, name: customer.name, timeZone: customer.time_zone } : null,
    may: permissionsOf(user.role),
    inside: isProvider(user.role) ? (await openGrants(server, user.id)).map(presentGrant) : [],
    csrfToken,
  };
}

async function removeEnded(server: ServerContext, now: number): Promise<void> {
  const sessions = server.registry<SessionRow>('sessions');
  await sessions
    .where('last_seen_at', '<=', now - idleLimitMs)
    .orWhere('created_at', '<=', now - absoluteLimitMs)
    .delete();
}

function locked(forMs: number): HttpProblem {
  const seconds = Math.ceil(forMs / 1000);
  const detail = `too many failed attempts: try again in ${seconds} seconds`;
  return new HttpProblem(429, 'LOCKED', detail, { 'retry-after': String(seconds) });
}
