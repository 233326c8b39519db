import type { ServerContext } from '../http/context.ts';
import { type Entrance, entrance } from '../http/router.ts';
import { type AskingToken, askingToken } from './tokens.ts';

/** Lets in whoever holds a token, for what is that token's own. 401 `TOKEN_UNKNOWN`, `TOKEN_ENDED`. */
export function ownToken(server: ServerContext): Entrance<{ token: AskingToken }> {
  return entrance(
    'use own token',
    async (ctx, next) => {
      ctx.state.token = await askingToken(server, ctx);
      await next();
    },
    { security: 'token', others: { 401: ['TOKEN_UNKNOWN', 'TOKEN_ENDED'], 429: ['TOO_MANY_REQUESTS'] } },
  );
}
