import type { Middleware } from 'koa';
import { HttpProblem } from './problem.ts';

/** Refuses a request with two names of the host, which Node lets through: who stands before us may read the other one. */
export function oneHost(): Middleware {
  return async (ctx, next) => {
    if ((ctx.req.headersDistinct.host ?? []).length > 1) {
      throw new HttpProblem(400, 'REQUEST_REFUSED', 'the header host may be there once', { connection: 'close' });
    }
    await next();
  };
}
