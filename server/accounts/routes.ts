import { z } from 'zod';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, also, answers, anybody, newRouter } from '../http/router.ts';
import { sessionCookie } from '../http/session-auth.ts';
import { accountRoutes } from './account-routes.ts';
import { typedPassword } from './account-shapes.ts';
import { cookie, keepDevice, sessionAnswer } from './answer.ts';
import { customerRoutes } from './customer-routes.ts';
import { type HashingTurns, hashingTurns } from './hashing-turns.ts';
import { deviceCookie, knownDevice } from './known-devices.ts';
import { signOut } from './sessions.ts';
import { Session } from './shapes.ts';
import { signIn } from './sign-in.ts';
import { userRoutes } from './user-routes.ts';
import { maxUserName } from './users.ts';

const Credentials = z.object({
  name: z.string().min(1).max(maxUserName),
  password: typedPassword,
  /** Of the second factor, or a recovery code, where there is one. */
  code: z.string().max(100).optional(),
});

/** Signing in and out, one's own account, users, and the provider's customers; under `/api/v1`. */
export function routes(server: ServerContext): ApiRouter[] {
  const turns = hashingTurns();
  return [
    sessionRoutes(server, turns),
    accountRoutes(server, turns),
    userRoutes(server, turns),
    customerRoutes(server, turns),
  ];
}

function sessionRoutes(server: ServerContext, turns: HashingTurns): ApiRouter {
  const router = newRouter();
  const own = may(server, 'use own account');

  router.post(
    '/session',
    anybody,
    answers('Sign in', Session),
    also({ others: { 401: ['SIGN_IN_FAILED'], 403: ['OTHER_SITE'], 429: ['LOCKED', 'BUSY', 'TOO_MANY_REQUESTS'] } }),
    body(Credentials),
    async (ctx) => {
      const { input } = ctx.state;
      const [own, session] = [ctx.cookies.get(deviceCookie), ctx.cookies.get(sessionCookie)];
      const known = await knownDevice(server.registry, input.name, own, server.now());
      const from = { source: ctx.ip, browser: ctx.get('user-agent'), device: own, knownAs: known?.as, session };
      const work = () => signIn(server, input, from);
      const { token, device } = await (known ? turns.ofKnown(known.userId, work) : turns.ofStranger(work));
      ctx.body = await sessionAnswer(server, ctx, token);
      keepDevice(ctx, device);
    },
  );

  router.get('/session', own, answers('Who is signed in', Session), async (ctx) => {
    ctx.body = await sessionAnswer(server, ctx);
  });

  router.delete('/session', own, answers('Sign out'), async (ctx) => {
    await signOut(server, ctx.state);
    ctx.cookies.set(sessionCookie, null, cookie);
    ctx.status = 204;
  });

  return router;
}
