import { z } from 'zod';
import type { CustomerId } from '../../db/customers.ts';
import type { Role, UserRow } from '../../db/registry/rows.ts';
import type { Actor } from '../audit/audit.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { type Asking, may } from '../http/may.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { type ApiRouter, also, answers, type Entrance, newRouter, params, type RouteContext } from '../http/router.ts';
import { confirming, UserLink, UsersAnswer } from './account-shapes.ts';
import {
  changeRole,
  demandChange,
  disableUser,
  enableUser,
  removeFactor,
  resetUser,
  unlockUser,
} from './change-user.ts';
import { findCustomer } from './customers.ts';
import type { HashingTurns } from './hashing-turns.ts';
import { Proof, ProofForSome, type Prove, proving } from './prove.ts';
import { passwordRenewal, renewals, setPasswordRenewal } from './renewal-settings.ts';
import { AnyRole, customerRoles } from './shapes.ts';
import { inviteUser, listUsers, maxUserName } from './users.ts';

const name = z.string().min(1).max(maxUserName);
const CustomerPath = z.object({ customerId: z.string() });
const Renewal = z.object({ renewal: z.enum(renewals) });
const refusals = { 409: ['REFUSED'] };
const refused = refusedAs(409, 'REFUSED');

const provedRefusals = { ...confirming, ...refusals };

/** By a link of one's own, whoever has but the session would need neither password nor code to have the account. */
const ownAccount =
  'this is your own account: change its password and second factor on the page Account; all else another administrator does';

/** What is done to another user with nothing more to say. */
const deeds = {
  disabling: ['Let a user in no more', disableUser],
  enabling: ['Let a disabled user in again', enableUser],
  unlocking: ['Let a user try to sign in again at once', unlockUser],
  'password-change': ['Have a user choose another password at the next sign-in', demandChange],
} as const;

/** The users of a customer, for its administrators, and all users, for the provider's; under `/api/v1`. */
export function userRoutes(server: ServerContext, turns: HashingTurns): ApiRouter {
  const router = newRouter();
  const prove = proving(server, turns);
  const ofCustomer = may(server, 'manage users');
  const ofAll = may(server, 'manage operators');

  const ofThis = params(CustomerPath);

  usersUnder(server, router, prove, '/customers/:customerId/users', ofCustomer, ({ customerId }) => customerId);
  usersUnder(server, router, prove, '/users', ofAll, () => 'everybody');

  router.post(
    '/customers/:customerId/users',
    ofCustomer,
    answers('Add a user, who chooses a password by a link', UserLink),
    ofThis,
    also({ others: provedRefusals }),
    body(ProofForSome.extend({ name, role: z.enum(customerRoles) })),
    async (ctx) => {
      const { input, customerId, actor } = ctx.state;
      const { name, role } = input;
      if (isAdministering(role)) await prove(ctx, input);
      ctx.set('cache-control', 'no-store');
      ctx.body = await inviteUser(server, { name, role, customerId }, actor).catch(refused);
    },
  );

  router.post(
    '/users',
    ofAll,
    answers('Add an operator, or a user of a customer, who chooses a password by a link', UserLink),
    also({ others: provedRefusals }),
    body(ProofForSome.extend({ name, role: AnyRole, customer: z.string().nullable() })),
    async (ctx) => {
      const { name, role, customer, ...proof } = ctx.state.input;
      ctx.set('cache-control', 'no-store');
      const customerId = customer === null ? null : (await findCustomer(server, customer).catch(refused)).id;
      if (isAdministering(role)) await prove(ctx, proof);
      ctx.body = await inviteUser(server, { name, role, customerId }, ctx.state.actor).catch(refused);
    },
  );

  router.get(
    '/customers/:customerId/password-renewal',
    ofCustomer,
    answers('Whose passwords are renewed every 90 days', Renewal),
    ofThis,
    async (ctx) => {
      ctx.body = { renewal: await passwordRenewal(server, ctx.state.customerId) };
    },
  );

  router.put(
    '/customers/:customerId/password-renewal',
    ofCustomer,
    answers('Choose whose passwords are renewed every 90 days'),
    ofThis,
    body(Renewal),
    async (ctx) => {
      const { customerId, input, actor } = ctx.state;
      await setPasswordRenewal(server, customerId, input.renewal, actor);
      ctx.status = 204;
    },
  );

  return router;
}

/** What both kinds of administrators do, each to the users that are theirs but themselves. */
function usersUnder<State extends Asking>(
  server: ServerContext,
  router: ApiRouter,
  prove: Prove,
  prefix: string,
  who: Entrance<State>,
  whose: (state: State) => CustomerId | 'everybody',
): void {
  const path = prefix.includes(':customerId') ? CustomerPath : z.object({});
  const one = params(path.extend({ userId: z.uuid() }));
  const another = async (state: State & { params: { userId: string } }) => {
    const user = await findUser(server, whose(state), state.params.userId);
    if (user.id === state.actor.id) throw new HttpProblem(409, 'REFUSED', ownAccount);
    return user;
  };
  const provedOf = async (ctx: RouteContext<State & { params: { userId: string }; input: z.infer<typeof Proof> }>) => {
    const user = await another(ctx.state);
    await prove(ctx, ctx.state.input);
    return user;
  };

  router.get(prefix, who, answers('Users', UsersAnswer), params(path), async (ctx) => {
    ctx.body = { users: await listUsers(server, whose(ctx.state)) };
  });

  for (const [deed, [summary, doIt]] of Object.entries(deeds)) {
    const act: (server: ServerContext, user: UserRow, actor: Actor) => Promise<void> = doIt;
    router.post(`${prefix}/:userId/${deed}`, who, answers(summary), also({ others: refusals }), one, async (ctx) => {
      await act(server, await another(ctx.state), ctx.state.actor).catch(refused);
      ctx.status = 204;
    });
  }

  router.post(
    `${prefix}/:userId/second-factor-removal`,
    who,
    answers("Remove a user's second factor; sessions end"),
    also({ others: provedRefusals }),
    one,
    body(Proof),
    async (ctx) => {
      await removeFactor(server, await provedOf(ctx), ctx.state.actor);
      ctx.status = 204;
    },
  );

  router.post(
    `${prefix}/:userId/link`,
    who,
    answers('Make a link by which a user chooses a password; sessions end', UserLink),
    also({ others: provedRefusals }),
    one,
    body(Proof),
    async (ctx) => {
      const user = await provedOf(ctx);
      ctx.set('cache-control', 'no-store');
      ctx.body = await resetUser(server, user, ctx.state.actor).catch(refused);
    },
  );

  router.put(
    `${prefix}/:userId/role`,
    who,
    answers("Change a user's role; sessions end"),
    also({ others: provedRefusals }),
    one,
    body(ProofForSome.extend({ role: AnyRole })),
    async (ctx) => {
      const { role, ...proof } = ctx.state.input;
      const user = await another(ctx.state);
      if (isRaise(user.role, role)) await prove(ctx, proof);
      await changeRole(server, user, role, ctx.state.actor).catch(refused);
      ctx.status = 204;
    },
  );
}

/** Whether who has this role sees other customers or lets others in. */
function isAdministering(role: Role): boolean {
  return role !== 'viewer' && role !== 'author';
}

function isRaise(from: Role, to: Role): boolean {
  return AnyRole.options.indexOf(to) > AnyRole.options.indexOf(from);
}

/** Another customer's user doesn't exist. */
async function findUser({ registry }: ServerContext, of: CustomerId | 'everybody', id: string): Promise<UserRow> {
  const user = await registry<UserRow>('users').where({ id }).first();
  if (!user || (of !== 'everybody' && user.customer_id !== of)) throw notFound();
  return user;
}
