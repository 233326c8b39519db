import { z } from 'zod';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, answers, anybody, newRouter } from '../http/router.ts';
import { refuseOtherSites, sessionCookie } from '../http/session-auth.ts';
import { turnstile } from '../http/turnstile.ts';
import { customersOverview } from './overview.ts';
import { presentSession, signIn, signOut } from './sessions.ts';
import { CustomersAnswer, Session } from './shapes.ts';
import { maxUserName } from './users.ts';

const Credentials = z.object({ name: z.string().min(1).max(maxUserName), password: z.string().min(1).max(1000) });
const cookie = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;

/** A password takes one of the process's four threads for a quarter of a second. */
const signIns = { atOnce: 2, waiting: 30 };

/** Signing in and out, and the operator's overview; under `/api/v1`. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const oneOfFew = turnstile(signIns);
  const own = may(server, 'use own account');

  router.post('/session', anybody, answers('Sign in', Session), body(Credentials), async (ctx) => {
    refuseOtherSites(ctx);
    const { token, signedIn } = await oneOfFew(() => signIn(server, ctx.state.input, ctx.ip));
    ctx.cookies.set(sessionCookie, token, cookie);
    ctx.set('cache-control', 'no-store');
    ctx.body = await presentSession(server, signedIn);
  });

  router.get('/session', own, answers('Who is signed in', Session), async (ctx) => {
    ctx.set('cache-control', 'no-store'); // it holds the CSRF token
    ctx.body = await presentSession(server, ctx.state);
  });

  router.delete('/session', own, answers('Sign out'), async (ctx) => {
    await signOut(server, ctx.cookies.get(sessionCookie) ?? '', ctx.state);
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
