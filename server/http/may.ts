import type { CustomerId } from '../../db/customers.ts';
import { askingToken } from '../accounts/tokens.ts';
import type { Actor } from '../audit/audit.ts';
import { atCustomer } from './at-customer.ts';
import type { ServerContext } from './context.ts';
import { allows, type Permission, type PermissionOf, permissions, type Rule } from './permissions.ts';
import { notFound } from './problem.ts';
import { refuseDue } from './refuse-due.ts';
import { type Entrance, entrance, type RouteContext } from './router.ts';
import { actorOf, type SignedIn, signedIn } from './session-auth.ts';
import { beyondScope, wrongRole } from './wrong-role.ts';

/** Who asks, as the audit trail names them. */
export interface Asking {
  actor: Required<Actor>;
}

const unknown = { 401: ['NOT_SIGNED_IN', 'TOKEN_UNKNOWN', 'TOKEN_ENDED'], 429: ['TOO_MANY_REQUESTS'] };
const due = ['PASSWORD_DUE', 'SECOND_FACTOR_DUE'];
/** What whoever asks for a thing of this kind may be told instead. */
const refusals = {
  account: { ...unknown, 403: ['SCOPE'] },
  customer: { ...unknown, 403: ['ROLE', 'SCOPE', 'CUSTOMER_SUSPENDED', ...due], 404: ['NOT_FOUND'] },
  provider: { ...unknown, 403: ['ROLE', ...due], 404: ['NOT_FOUND'] },
};

type Grantable = PermissionOf<'account' | 'customer' | 'provider'>;

/** What the steps that follow know. */
type Known<Name extends Permission> =
  Name extends PermissionOf<'customer'> ? Asking & { customerId: CustomerId } : Asking & SignedIn;

/**
 * Lets in whoever may do that, by the table of permissions: who is signed in (what changes something needs the CSRF token
 * too), or who has a token of the customer, and then nothing else counts. 401 `NOT_SIGNED_IN` or as `askingToken`; 404 for
 * what is another customer's or the provider's, as if it weren't there; 403 `ROLE` for what one's own role may not, `SCOPE`
 * for what the token may not, `CUSTOMER_SUSPENDED`, `CSRF`. What an operator is shown of a customer is written down.
 */
export function may<Name extends Grantable>(server: ServerContext, name: Name): Entrance<Known<Name>> {
  const rule: Rule & { of: keyof typeof refusals } = permissions[name];
  return entrance<Known<Name>>(
    name,
    async (ctx, next) => {
      if (rule.of === 'customer') return atCustomer(server, ctx, name, next);
      const admit = () => bySession(server, ctx, rule);
      Object.assign(ctx.state, await admit());
      ctx.recheck = admit;
      await next();
    },
    {
      security: rule.of === 'customer' ? 'sessionOrToken' : 'session',
      others: refusals[rule.of],
    },
  );
}

async function bySession(server: ServerContext, ctx: RouteContext<unknown>, rule: Rule): Promise<Asking & SignedIn> {
  if (ctx.get('authorization') !== '') {
    await askingToken(server, ctx);
    throw rule.of === 'provider' ? notFound() : beyondScope('sign in for that');
  }
  const session = await signedIn(server, ctx);
  if (rule.of !== 'account') refuseDue(session);
  if (rule.of === 'provider' && session.user.customerId !== null) throw notFound();
  if (!allows(rule, session.user.role)) throw wrongRole(rule);
  return { ...session, actor: actorOf(session.user) };
}
