import { refuseSuspended } from '../http/at-customer.ts';
import type { ServerContext } from '../http/context.ts';
import { type Entrance, entrance } from '../http/router.ts';
import { type AskingToken, askingToken } from './tokens.ts';

/** Lets in whoever holds a token, for what is that token's own. 401 `TOKEN_UNKNOWN`, `TOKEN_ENDED`, 403 `CUSTOMER_SUSPENDED`. */
export function ownToken(server: ServerContext): Entrance<{ token: AskingToken }> {
  return entrance(
    'use own token',
    async (ctx, next) => {
      const token = await askingToken(server, ctx);
      await refuseSuspended(server, token.customerId);
      ctx.state.token = token;
      await next();
    },
    {
      security: 'token',
      others: {
        401: ['TOKEN_UNKNOWN', 'TOKEN_ENDED'],
        403: ['CUSTOMER_SUSPENDED'],
        429: ['TOO_MANY_REQUESTS'],
      },
    },
  );
}
