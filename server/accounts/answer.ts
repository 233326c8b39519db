import type { ServerContext } from '../http/context.ts';
import type { RouteContext } from '../http/router.ts';
import { sessionCookie } from '../http/session-auth.ts';
import { tokenHash } from '../http/token.ts';
import { deviceCookie, deviceLifeMs } from './known-devices.ts';
import { presentSession } from './sessions.ts';
import type { Session } from './shapes.ts';

export const cookie = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;

/** What the console is told of the session of the cookie, or of `token`, which then takes the cookie's place. */
export function sessionAnswer(server: ServerContext, ctx: RouteContext<unknown>, token?: string): Promise<Session> {
  if (token !== undefined) ctx.cookies.set(sessionCookie, token, cookie);
  ctx.set('cache-control', 'no-store'); // it holds the CSRF token
  return presentSession(server, tokenHash(token ?? ctx.cookies.get(sessionCookie) ?? ''));
}

/** Has the browser keep by what it is known from now on. */
export function keepDevice({ cookies }: RouteContext<unknown>, token: string): void {
  cookies.set(deviceCookie, token, { ...cookie, maxAge: deviceLifeMs });
}
