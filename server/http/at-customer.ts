import type { Next } from 'koa';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow, GrantRow } from '../../db/registry/rows.ts';
import { openGrant, tellOpened } from '../accounts/grants.ts';
import { askingToken } from '../accounts/tokens.ts';
import type { Actor } from '../audit/audit.ts';
import type { ServerContext } from './context.ts';
import { allows, isProvider, type Permission, permissions } from './permissions.ts';
import { notFound } from './problem.ts';
import { countOnce } from './rate-limits.ts';
import { refuseDue } from './refuse-due.ts';
import type { RouteContext } from './router.ts';
import { actorOf, type SignedInUser, signedIn } from './session-auth.ts';
import { suspendedForUsers } from './suspended.ts';
import { beyondGrant, beyondScope, wrongRole } from './wrong-role.ts';

/** Who asks at a customer. */
interface Guest {
  actor: Required<Actor>;
  customerId: CustomerId;
  /** Of an operator. */
  grant?: GrantRow;
}

/** Goes on for whoever has the permission at the customer in the path; problems as `may`. */
export async function atCustomer(
  server: ServerContext,
  ctx: RouteContext<unknown>,
  name: Permission,
  next: Next,
): Promise<void> {
  const admit = () => guestOf(server, ctx, name);
  const { grant, ...guest } = await admit();
  Object.assign(ctx.state as object, guest);
  ctx.recheck = admit;
  await next();
  const isShown = (ctx.method === 'GET' || ctx.method === 'HEAD' || ctx.changesNothing) && ctx.status < 400;
  // Before anything is sent: what can't be written down isn't shown.
  if (grant && isShown) await tellOpened(server, grant, { actor: guest.actor, ...opened(ctx) });
}

async function guestOf(server: ServerContext, ctx: RouteContext<unknown>, name: Permission): Promise<Guest> {
  if (ctx.get('authorization') !== '') return tokenAt(server, ctx, name);
  const session = await signedIn(server, ctx);
  refuseDue(session);
  const { user } = session;
  return isProvider(user.role) ? operatorAt(server, ctx, name, user) : userAt(server, ctx, name, user);
}

async function userAt(
  server: ServerContext,
  ctx: RouteContext<unknown>,
  name: Permission,
  user: SignedInUser,
): Promise<Guest> {
  const { customerId, role } = user;
  if (customerId === null || ctx.params.customerId !== customerId) throw notFound();
  await countOnce(server, ctx, 'customer', customerId);
  await refuseSuspended(server, customerId);
  if (!allows(permissions[name], role)) throw wrongRole(permissions[name]);
  return { actor: actorOf(user), customerId };
}

/** A suspended customer lets its own people in no more; whoever runs the server may still look why. */
async function operatorAt(
  server: ServerContext,
  { params }: RouteContext<unknown>,
  name: Permission,
  user: SignedInUser,
): Promise<Guest> {
  const grant = await openGrant(server, user.id, params.customerId ?? '');
  if (!grant) throw notFound();
  if (!allows(permissions[name], grant.may_change ? 'changing' : 'reading')) throw beyondGrant(permissions[name]);
  return { actor: actorOf(user), customerId: grant.customer_id, grant };
}

/** A token has no more than its maker has, as long as the maker has it. */
async function tokenAt(server: ServerContext, ctx: RouteContext<unknown>, name: Permission): Promise<Guest> {
  const { id, customerId, scope, makerRole, ...token } = await askingToken(server, ctx);
  if (ctx.params.customerId !== customerId) throw notFound();
  await countOnce(server, ctx, 'customer', customerId);
  await refuseSuspended(server, customerId);
  if (!scope.includes(name)) throw beyondScope(`make one whose scope has "${name}"`);
  if (makerRole !== null && !allows(permissions[name], makerRole)) {
    throw beyondScope('whoever made it may not do it any more; have an administrator make another');
  }
  return { actor: { kind: 'token', id, name: token.name }, customerId };
}

/** What is asked for: the address below the customer's, however it was spelled, and the route in words. */
function opened({ querystring, params, route }: RouteContext<unknown>): { path: string; what: string | undefined } {
  const below = route.path.replace('/customers/:customerId', '');
  const path = below.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return { path: path + (querystring === '' ? '' : `?${querystring}`), what: route.documents.summary };
}

/** 403 `CUSTOMER_SUSPENDED`. */
export async function refuseSuspended({ registry }: ServerContext, id: CustomerId): Promise<void> {
  const suspended = await registry<CustomerRow>('customers').where({ id }).whereNotNull('suspended_at').first();
  if (suspended) throw suspendedForUsers(suspended.suspended_why);
}
