import { randomUUID } from 'node:crypto';
import type { Registry } from '../../db/registry/registry.ts';
import type { CustomerRow, SessionRow, UserRow } from '../../db/registry/rows.ts';
import { auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { isProvider, permissionsOf } from '../http/permissions.ts';
import { notFound } from '../http/problem.ts';
import { absoluteLimitMs, actorOf, idleLimitMs, type SignedIn } from '../http/session-auth.ts';
import { newToken, tokenHash } from '../http/token.ts';
import type { OwnSession } from './account-shapes.ts';
import { browserOf } from './browser-name.ts';
import { openGrants, presentGrant } from './grants.ts';
import { dueOf, passwordEndsAt } from './renewal.ts';
import { recoveryCodesLeft } from './second-factor.ts';
import type { Session } from './shapes.ts';

/** Where somebody signs in from. */
export interface From {
  /** The asker's address. */
  source: string;
  /** The browser, as it says of itself. */
  browser: string;
}

/** Begins a session; the token goes into the cookie and is kept as a hash alone. */
export async function beginSession(registry: Registry, user_id: string, from: From, at: number): Promise<string> {
  const token = newToken();
  const row: SessionRow = {
    ...{ token_hash: tokenHash(token), user_id, csrf_token: newToken(), created_at: at, last_seen_at: at },
    ...{ id: randomUUID(), source: from.source, browser: from.browser.slice(0, 300), new_factor: null },
  };
  await registry('sessions').insert(row);
  return token;
}

/** The same session goes on under another token and CSRF token: who had the old ones has nothing. */
export async function renewSession(server: ServerContext, { tokenHash: token_hash }: SignedIn): Promise<string> {
  const token = newToken();
  const renewed = { token_hash: tokenHash(token), csrf_token: newToken(), new_factor: null };
  await server.registry<SessionRow>('sessions').where({ token_hash }).update(renewed);
  return token;
}

/** Ends the session of this token. */
export async function signOut(server: ServerContext, { user, tokenHash: token_hash }: SignedIn): Promise<void> {
  await server.registry<SessionRow>('sessions').where({ token_hash }).delete();
  const entry = { at: server.now(), actor: actorOf(user), action: 'signed-out' } as const;
  await auditForBoth(server, user.customerId, entry);
}

/** Ends the session of this token, if there is one: the same browser has begun another. */
export async function endSession({ registry }: ServerContext, token: string): Promise<void> {
  await registry<SessionRow>('sessions')
    .where({ token_hash: tokenHash(token) })
    .delete();
}

/** Ends all sessions of a user but the one of `exceptHash`, if it is given. Returns how many there were. */
export function endSessions({ registry }: ServerContext, user_id: string, exceptHash = ''): Promise<number> {
  return registry<SessionRow>('sessions').where({ user_id }).whereNot({ token_hash: exceptHash }).delete();
}

/** The user's sessions, the latest used first. */
export async function ownSessions(server: ServerContext, { user, tokenHash }: SignedIn): Promise<OwnSession[]> {
  await removeEnded(server, server.now());
  const rows = await server
    .registry<SessionRow>('sessions')
    .where({ user_id: user.id })
    .orderBy('last_seen_at', 'desc');
  return rows.map((row) => ({
    id: row.id ?? '',
    isThis: row.token_hash === tokenHash,
    beganAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    source: row.source,
    browser: browserOf(row.browser ?? ''),
  }));
}

/** Ends one of the user's own sessions; 404 if there is none of this id. */
export async function endOwnSession(server: ServerContext, { user }: SignedIn, id: string): Promise<void> {
  const ended = await server.registry<SessionRow>('sessions').where({ user_id: user.id, id }).delete();
  if (ended === 0) throw notFound();
  await tellEnded(server, user, ended);
}

/** Ends all of the user's sessions but this one. */
export async function endOtherSessions(server: ServerContext, { user, tokenHash }: SignedIn): Promise<void> {
  await tellEnded(server, user, await endSessions(server, user.id, tokenHash));
}

/** What the console is told of the session of this token. */
export async function presentSession(server: ServerContext, token_hash: string): Promise<Session> {
  const session = await server.registry<SessionRow>('sessions').where({ token_hash }).first();
  const user = await server
    .registry<UserRow>('users')
    .where({ id: session?.user_id ?? '' })
    .first();
  if (!session || !user) throw notFound(); // it was ended meanwhile
  const customer = user.customer_id
    ? await server.registry<CustomerRow>('customers').where({ id: user.customer_id }).first()
    : undefined;
  const dated = { ...user, password_renewal: customer?.password_renewal ?? null };
  return {
    user: {
      ...{ id: user.id, name: user.name, role: user.role, hasSecondFactor: user.second_factor !== null },
      ...{ recoveryCodesLeft: recoveryCodesLeft(user), passwordEndsAt: passwordEndsAt(dated) },
    },
    customer: customer ? { id: customer.id, name: customer.name, timeZone: customer.time_zone } : null,
    may: permissionsOf(user.role),
    inside: isProvider(user.role) ? (await openGrants(server, user.id)).map(presentGrant) : [],
    due: dueOf(dated, server.needsSecondFactor, server.now()),
    csrfToken: session.csrf_token,
  };
}

async function tellEnded(server: ServerContext, user: SignedIn['user'], ended: number): Promise<void> {
  if (ended === 0) return;
  const entry = { at: server.now(), actor: actorOf(user), action: 'sessions-ended', subject: user.name } as const;
  await auditForBoth(server, user.customerId, { ...entry, detail: { ended } });
}

/** Removes what nobody uses any more. */
export async function removeEnded(server: ServerContext, now: number): Promise<void> {
  const sessions = server.registry<SessionRow>('sessions');
  await sessions
    .where('last_seen_at', '<=', now - idleLimitMs)
    .orWhere('created_at', '<=', now - absoluteLimitMs)
    .delete();
}
