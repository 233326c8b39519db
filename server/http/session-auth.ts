import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow, Role, SessionRow, UserRow } from '../../db/registry/rows.ts';
import { type Due, dueOf } from '../accounts/renewal.ts';
import type { Actor } from '../audit/audit.ts';
import type { ServerContext } from './context.ts';
import { isProvider } from './permissions.ts';
import { HttpProblem } from './problem.ts';
import { countOnce } from './rate-limits.ts';
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
  sessionId: string;
  tokenHash: string;
  /** What the user has to do before anything else is open to them. */
  due: Due | null;
}

/** As the audit trail names the user. */
export function actorOf({ id, name, role }: Pick<SignedInUser, 'id' | 'name' | 'role'>): Required<Actor> {
  return { kind: isProvider(role) ? 'operator' : 'user', id, name };
}

/** Refuses a change that another site's page asks for: browsers say so in one header or the other. 403 `OTHER_SITE`. */
export function refuseOtherSites(ctx: Pick<RouteContext<unknown>, 'get' | 'host'>): void {
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
    await countOnce(server, ctx, 'stranger', sourceOf(ctx.ip));
    throw new HttpProblem(401, 'NOT_SIGNED_IN', 'sign in first');
  }
  await countOnce(server, ctx, 'asker', row.user_id); // not by session: whoever opens ten would have the share of ten
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
    refuseOtherSites(ctx);
    if (!sameToken(ctx.get(csrfHeader), row.csrf_token)) {
      throw new HttpProblem(403, 'CSRF', `the header ${csrfHeader} must hold the session's csrfToken`);
    }
  }
  return {
    user: { id: row.user_id, name: row.name, role: row.role, customerId: row.customer_id },
    csrfToken: row.csrf_token,
    sessionId: row.id ?? row.token_hash.slice(0, 36),
    tokenHash: row.token_hash,
    due: dueOf(row, server.needsSecondFactor, server.now()),
  };
}

type FoundSession = SessionRow &
  Pick<UserRow, 'name' | 'role' | 'customer_id' | 'password_changed_at' | 'change_demanded_at' | 'second_factor'> &
  Pick<CustomerRow, 'password_renewal'>;

async function sessionOf(server: ServerContext, token: string): Promise<FoundSession | undefined> {
  const now = server.now();
  const ofUser = ['name', 'role', 'customer_id', 'password_changed_at', 'change_demanded_at', 'second_factor'];
  const row: FoundSession | undefined = await server
    .registry('sessions')
    .join('users', 'users.id', 'sessions.user_id')
    .leftJoin('customers', 'customers.id', 'users.customer_id')
    .where({ token_hash: tokenHash(token) })
    .where('sessions.last_seen_at', '>', now - idleLimitMs)
    .where('sessions.created_at', '>', now - absoluteLimitMs)
    .whereNull('users.disabled_at')
    .first('sessions.*', 'customers.password_renewal', ...ofUser.map((column) => `users.${column}`));
  if (row && now - row.last_seen_at > noteEveryMs) {
    await server.registry<SessionRow>('sessions').where({ token_hash: row.token_hash }).update({ last_seen_at: now });
  }
  return row;
}
