import type { CustomerId } from '../../db/customers.ts';
import type { Role, SessionRow, UserRow } from '../../db/registry/rows.ts';
import type { Actor } from '../audit/audit.ts';
import type { ServerContext } from './context.ts';
import { isProvider } from './permissions.ts';
import { HttpProblem } from './problem.ts';
import { countRequest } from './rate-limits.ts';
import type { RouteContext } from './router.ts';
import { sourceOf } from './source-of.ts';
import { sameToken, tokenHash } from './token.ts';

export const sessionCookie = '__Host-vedette';
export const csrfHeader = 'x-csrf-token';

/** A session ends when nobody used it for this long, or this long after it began (ms). */
export const idleLimitMs = 30 * 60_000;
export const absoluteLimitMs = 12 * 3_600_000;
/** How often at most the use of a session is written down (ms). */
const noteEveryMs = 60_000;

export interface SignedInUser {
  id: string;
  name: string;
  role: Role;
  /** None for an operator. */
  customerId: CustomerId | null;
}

export interface SignedIn {
  user: SignedInUser;
  csrfToken: string;
}

/** As the audit trail names the user. */
export function actorOf({ id, name, role }: Pick<SignedInUser, 'id' | 'name' | 'role'>): Required<Actor> {
  return { kind: isProvider(role) ? 'operator' : 'user', id, name };
}

/** Refuses a change that another site's page asks for: browsers say so in one header or the other. 403 `OTHER_SITE`. */
export function refuseOtherSites(ctx: RouteContext<unknown>): void {
  const site = ctx.get('sec-fetch-site');
  const origin = ctx.get('origin');
  const foreign = origin !== '' && (!URL.canParse(origin) || new URL(origin).host !== ctx.host);
  if (foreign || (site !== '' && site !== 'same-origin' && site !== 'none')) {
    throw new HttpProblem(403, 'OTHER_SITE', 'this can only be asked from our own pages');
  }
}

/** Whose session it is; what changes something needs its CSRF token too. 401 `NOT_SIGNED_IN`, 403 `CSRF` or `OTHER_SITE`. */
export async function signedIn(server: ServerContext, ctx: RouteContext<unknown>): Promise<SignedIn> {
  const token = ctx.cookies.get(sessionCookie);
  const row = token === undefined ? undefined : await sessionOf(server, token);
  if (!row) {
    await countRequest(server, 'stranger', sourceOf(ctx.ip));
    throw new HttpProblem(401, 'NOT_SIGNED_IN', 'sign in first');
  }
  await countRequest(server, 'session', row.token_hash);
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
    refuseOtherSites(ctx);
    if (!sameToken(ctx.get(csrfHeader), row.csrf_token)) {
      throw new HttpProblem(403, 'CSRF', `the header ${csrfHeader} must hold the session's csrfToken`);
    }
  }
  return {
    user: { id: row.user_id, name: row.name, role: row.role, customerId: row.customer_id },
    csrfToken: row.csrf_token,
  };
}

async function sessionOf(server: ServerContext, token: string): Promise<(SessionRow & UserRow) | undefined> {
  const now = server.now();
  const row: (SessionRow & UserRow) | undefined = await server
    .registry('sessions')
    .join('users', 'users.id', 'sessions.user_id')
    .where({ token_hash: tokenHash(token) })
    .where('sessions.last_seen_at', '>', now - idleLimitMs)
    .where('sessions.created_at', '>', now - absoluteLimitMs)
    .first('sessions.*', 'users.name', 'users.role', 'users.customer_id');
  if (row && now - row.last_seen_at > noteEveryMs) {
    await server.registry<SessionRow>('sessions').where({ token_hash: row.token_hash }).update({ last_seen_at: now });
  }
  return row;
}
