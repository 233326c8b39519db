import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow, Role, SessionRow, UserRow } from '../../db/registry/rows.ts';
import type { ServerContext } from './context.ts';
import { HttpProblem, notFound } from './problem.ts';
import { documented, type RouteContext, type Step } from './router.ts';
import { suspendedForUsers } from './suspended.ts';
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

/** Lets in whoever is signed in; what changes something needs the CSRF token too. 401 `NOT_SIGNED_IN`, 403 `CSRF`. */
export function sessionAuth(server: ServerContext): Step<SignedIn> {
  return documented(
    async (ctx, next) => {
      Object.assign(ctx.state, await signedIn(server, ctx));
      await next();
    },
    { security: 'session' },
  );
}

/** Lets in the users of the customer in the path; puts it into `ctx.state.customerId`. For all others it doesn't exist. */
export function customerAccess(server: ServerContext): Step<SignedIn & { customerId: CustomerId }> {
  return documented(
    async (ctx, next) => {
      const session = await signedIn(server, ctx);
      const { customerId } = session.user;
      if (customerId === null || ctx.params.customerId !== customerId) throw notFound();
      await refuseSuspended(server, customerId);
      Object.assign(ctx.state, session, { customerId });
      await next();
    },
    { security: 'session', others: { 403: ['CUSTOMER_SUSPENDED'] } },
  );
}

/** The same for its administrators alone: 403 `ROLE` for its other users. */
export function customerAdmin(server: ServerContext): Step<SignedIn & { customerId: CustomerId }> {
  const access = customerAccess(server);
  return documented(
    (ctx, next) =>
      access(ctx, () => {
        if (ctx.state.user.role === 'admin') return next();
        throw new HttpProblem(403, 'ROLE', 'only an administrator of this customer may do that: ask one');
      }),
    { security: 'session' },
  );
}

/** For what only operators may know exists. */
export function operatorAuth(server: ServerContext): Step<SignedIn> {
  return documented(
    async (ctx, next) => {
      const session = await signedIn(server, ctx);
      if (session.user.role !== 'operator') throw notFound();
      Object.assign(ctx.state, session);
      await next();
    },
    { security: 'session' },
  );
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

async function signedIn(server: ServerContext, ctx: RouteContext<unknown>): Promise<SignedIn> {
  const token = ctx.cookies.get(sessionCookie);
  const row = token === undefined ? undefined : await sessionOf(server, token);
  if (!row) throw new HttpProblem(401, 'NOT_SIGNED_IN', 'sign in first');
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

async function refuseSuspended({ registry }: ServerContext, id: CustomerId): Promise<void> {
  const suspended = await registry<CustomerRow>('customers').where({ id }).whereNotNull('suspended_at').first();
  if (suspended) throw suspendedForUsers(suspended.suspended_why);
}
