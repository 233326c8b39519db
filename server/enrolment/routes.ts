import { EnrolmentAnswer, EnrolmentRequest } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { type ApiRouter, also, answers, newRouter } from '../http/router.ts';
import { sentinelAuth } from '../http/sentinel-auth.ts';
import { enrol } from './enrol.ts';
import { revokeSentinel } from './revoke.ts';

/** How a device becomes a sentinel, and stops being one; under `/sentinel/v1`. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const others = { 403: ['CODE_UNKNOWN', 'CODE_USED', 'CODE_EXPIRED', 'CODE_WITHDRAWN', 'CUSTOMER_SUSPENDED'] };
  router.post(
    '/enrolments',
    answers('Enrol a sentinel', EnrolmentAnswer),
    body(EnrolmentRequest),
    also({ others }),
    async (ctx) => {
      ctx.set('cache-control', 'no-store');
      ctx.body = await enrol(server, ctx.state.input);
    },
  );

  router.delete('/sentinel', answers('Say that this sentinel is no more'), sentinelAuth(server), async (ctx) => {
    const { sentinelId, customerId } = ctx.state.sentinel;
    await revokeSentinel(server, customerId, sentinelId, { kind: 'sentinel', id: sentinelId });
    ctx.status = 204;
  });
  return router;
}
