import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { Actor } from '../audit/audit.ts';
import type { ServerContext } from './context.ts';
import { type Permission, type PermissionOf, permissions, type Rule } from './permissions.ts';
import { HttpProblem, notFound } from './problem.ts';
import { countRequest } from './rate-limits.ts';
import { type Entrance, entrance, type RouteContext } from './router.ts';
import { actorOf, type SignedIn, signedIn } from './session-auth.ts';
import { suspendedForUsers } from './suspended.ts';

/** Who asks, as the audit trail names them. */
export interface Asking {
  actor: Actor;
}

type Grantable = PermissionOf<'account' | 'customer' | 'provider'>;

/** What the steps that follow know. */
type Known<Name extends Permission> =
  Name extends PermissionOf<'customer'> ? Asking & { customerId: CustomerId } : Asking & SignedIn;

/**
 * Lets in whoever may do that, by the table of permissions; what changes something needs the CSRF token too. 401
 * `NOT_SIGNED_IN`; 404 for what is another customer's or the provider's, as if it weren't there; 403 `ROLE` for what one's
 * own role may not, `CUSTOMER_SUSPENDED`, `CSRF`.
 */
export function may<Name extends Grantable>(server: ServerContext, name: Name): Entrance<Known<Name>> {
  const rule: Rule = permissions[name];
  const others = rule.of === 'customer' ? { 403: ['ROLE', 'CUSTOMER_SUSPENDED'] } : {};
  return entrance<Known<Name>>(
    name,
    async (ctx, next) => {
      const session = await signedIn(server, ctx);
      const known = { ...session, actor: actorOf(session.user) };
      if (rule.of === 'customer') Object.assign(known, await atCustomer(server, ctx, session, rule));
      else if (rule.of === 'provider') allowAtProvider(session, rule);
      Object.assign(ctx.state, known);
      await next();
    },
    { security: 'session', others },
  );
}

async function atCustomer(
  server: ServerContext,
  ctx: RouteContext<unknown>,
  { user }: SignedIn,
  { roles }: Extract<Rule, { of: 'customer' }>,
): Promise<{ customerId: CustomerId }> {
  const { customerId, role } = user;
  if (customerId === null || ctx.params.customerId !== customerId) throw notFound();
  await countRequest(server, 'customer', customerId);
  await refuseSuspended(server, customerId);
  if (!roles.some((allowed) => allowed === role)) throw wrongRole(roles);
  return { customerId };
}

function allowAtProvider({ user }: SignedIn, { roles }: Extract<Rule, { of: 'provider' }>): void {
  if (user.customerId !== null) throw notFound();
  if (!roles.some((allowed) => allowed === user.role)) throw wrongRole(roles);
}

function wrongRole(roles: readonly string[]): HttpProblem {
  const detail = `your role may not do that: ask somebody who has the role ${roles.join(' or ')}`;
  return new HttpProblem(403, 'ROLE', detail);
}

async function refuseSuspended({ registry }: ServerContext, id: CustomerId): Promise<void> {
  const suspended = await registry<CustomerRow>('customers').where({ id }).whereNotNull('suspended_at').first();
  if (suspended) throw suspendedForUsers(suspended.suspended_why);
}
