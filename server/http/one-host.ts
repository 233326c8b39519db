import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import { HttpProblem } from './problem.ts';

/** Refuses a request with two names of the host, which Node lets through: who stands before us may read the other one. */
export function oneHost(): Middleware {
  return async (ctx, next) => {
    if (!namesOneHost(ctx.req)) {
      throw new HttpProblem(400, 'REQUEST_REFUSED', 'the header host may be there once', { connection: 'close' });
    }
    await next();
  };
}

/** Whether a request names its host once. */
export function namesOneHost({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'host') hosts++;
  return hosts <= 1;
}
