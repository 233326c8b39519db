import { z } from 'zod';
import { TokenAnswer } from '../../scripts-library/publish/deployment.ts';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { scopes } from '../http/permissions.ts';
import { notFound } from '../http/problem.ts';
import { type ApiRouter, answers, newRouter, params } from '../http/router.ts';
import { findCustomer } from './customers.ts';
import { ownToken } from './own-token.ts';
import { NewToken, TokensAnswer, TokenWish } from './shapes.ts';
import { addToken, listTokens, revokeToken } from './tokens.ts';

const CustomerPath = z.object({ customerId: z.string() });

/** A customer's tokens for this API; under `/api/v1`. */
export function tokenRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const manage = may(server, 'manage tokens');

  router.get('/token', ownToken(server), answers('Whose the token is that asks', TokenAnswer), async (ctx) => {
    const { name, scope, customerId } = ctx.state.token;
    const customer = await findCustomer(server, customerId);
    ctx.body = { name, scope: [...scope], customer: { id: customer.id, name: customer.name } } satisfies TokenAnswer;
  });

  router.get(
    '/customers/:customerId/tokens',
    manage,
    answers('Tokens of the customer, with their last use', TokensAnswer),
    params(CustomerPath),
    async (ctx) => {
      ctx.body = { tokens: await listTokens(server, ctx.state.customerId), scopes } satisfies TokensAnswer;
    },
  );

  router.post(
    '/customers/:customerId/tokens',
    manage,
    answers('Make a token, which is told this once', NewToken),
    params(CustomerPath),
    body(TokenWish),
    async (ctx) => {
      const { actor, customerId, input } = ctx.state;
      const { text, token } = await addToken(server, customerId, input, actor);
      ctx.set('cache-control', 'no-store');
      ctx.body = { ...token, text } satisfies NewToken;
    },
  );

  router.delete(
    '/customers/:customerId/tokens/:tokenId',
    manage,
    answers('Revoke a token, at once'),
    params(CustomerPath.extend({ tokenId: Uuid })),
    async (ctx) => {
      const { actor, customerId, params } = ctx.state;
      if (!(await revokeToken(server, customerId, params.tokenId, actor))) throw notFound();
      ctx.status = 204;
    },
  );

  return router;
}
