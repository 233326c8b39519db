import type { Middleware } from 'koa';
import type { ServerContext } from './context.ts';

/** Who was refused, and why: whoever watches the log for attacks looks for these. */
const refusals: readonly number[] = [401, 403, 429];

/** One line a request, without its query: that may hold what people look for. Of refusals at any usual level, of others at debug. */
export function requestLog({ log }: Pick<ServerContext, 'log'>): Middleware {
  return async (ctx, next) => {
    const begin = performance.now();
    await next();
    if (ctx.respond === false) return; // it waits for news, and begins anew
    ctx.res.once('close', () => {
      const ms = Math.round(performance.now() - begin);
      const { method, path, status, ip: from } = ctx;
      const who = ctx.state.actor?.id ?? ctx.state.sentinel?.sentinelId;
      const line = { method, path, status, ms, from, ...(who && { who }) };
      if (refusals.includes(status)) log.info(line, 'a request was refused');
      else log.debug(line, 'request');
    });
  };
}
