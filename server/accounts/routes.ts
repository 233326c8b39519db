import { z } from 'zod';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, also, answers, anybody, newRouter } from '../http/router.ts';
import { sessionCookie } from '../http/session-auth.ts';
import { turnstile } from '../http/turnstile.ts';
import { accountRoutes } from './account-routes.ts';
import { typedPassword } from './account-shapes.ts';
import { cookie, keepDevice, type OneOfFew, sessionAnswer } from './answer.ts';
import { deviceCookie, knownDevice } from './known-devices.ts';
import { customersOverview } from './overview.ts';
import { signOut } from './sessions.ts';
import { CustomersAnswer, Session } from './shapes.ts';
import { signIn } from './sign-in.ts';
import { userRoutes } from './user-routes.ts';
import { maxUserName } from './users.ts';

const Credentials = z.object({
  name: z.string().min(1).max(maxUserName),
  password: typedPassword,
  /** Of the second factor, or a recovery code, where there is one. */
  code: z.string().max(100).optional(),
});

/**
 * A password takes one of the process's four threads for a quarter of a second. Whoever has shown something that only they
 * have (a browser that is known, a session, a link) does not wait behind strangers, who may be as many as they like.
 */
const hashing = { strangers: { atOnce: 2, waiting: 30 }, known: { atOnce: 1, waiting: 30 } };

/** Signing in and out, one's own account, users, and the operator's overview; under `/api/v1`. */
export function routes(server: ServerContext): ApiRouter[] {
  const [ofStrangers, ofKnown] = [turnstile(hashing.strangers), turnstile(hashing.known)];
  return [sessionRoutes(server, ofStrangers, ofKnown), accountRoutes(server, ofKnown), userRoutes(server)];
}

function sessionRoutes(server: ServerContext, ofStrangers: OneOfFew, ofKnown: OneOfFew): ApiRouter {
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
      const knownAs = await knownDevice(server.registry, input.name, own, server.now());
      const from = { source: ctx.ip, browser: ctx.get('user-agent'), device: own, knownAs, session };
      const oneOfFew = knownAs === undefined ? ofStrangers : ofKnown;
      const { token, device } = await oneOfFew(() => signIn(server, input, from));
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

  router.get(
    '/customers',
    may(server, 'see all customers'),
    answers('All customers at a glance, the last 24 hours', CustomersAnswer),
    async (ctx) => {
      ctx.body = await customersOverview(server);
    },
  );

  return router;
}
