import { EnrolmentAnswer, EnrolmentRequest } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { type ApiRouter, also, answers, anybody, newRouter } from '../http/router.ts';
import { sentinelAuth } from '../http/sentinel-auth.ts';
import { enrol } from './enrol.ts';
import { revokeSentinel } from './revoke.ts';
import { WrongCodes } from './wrong-codes.ts';

/** How a device becomes a sentinel, and stops being one; under `/sentinel/v1`. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const others = {
    403: ['CODE_UNKNOWN', 'CODE_USED', 'CODE_EXPIRED', 'CODE_WITHDRAWN', 'CUSTOMER_SUSPENDED'],
    409: ['TOO_MUCH_TO_DO'],
    429: ['TOO_MANY_WRONG_CODES'],
  };
  const wrongCodes = new WrongCodes();
  router.post(
    '/enrolments',
    anybody,
    answers('Enrol a sentinel', EnrolmentAnswer),
    body(EnrolmentRequest),
    also({ others }),
    async (ctx) => {
      ctx.set('cache-control', 'no-store');
      ctx.body = await enrol(server, ctx.state.input).catch((error: unknown) => {
        const isWrong = error instanceof HttpProblem && error.code.startsWith('CODE_');
        const seconds = isWrong ? wrongCodes.waitAfter(ctx.ip, performance.now()) : 0;
        throw seconds === 0 || !isWrong ? error : tooManyWrong(error, seconds);
      });
    },
  );

  router.delete('/sentinel', sentinelAuth(server), answers('Say that this sentinel is no more'), async (ctx) => {
    const { sentinelId, customerId } = ctx.state.sentinel;
    await revokeSentinel(server, customerId, sentinelId, { kind: 'sentinel', id: sentinelId });
    ctx.status = 204;
  });
  return router;
}

/** Sent away as well: each further try costs whoever goes on at least a handshake. */
function tooManyWrong({ message }: HttpProblem, seconds: number): HttpProblem {
  const detail = `${message}. Too many wrong codes were tried: another can be tried in ${seconds} s, a right one at any time`;
  return new HttpProblem(429, 'TOO_MANY_WRONG_CODES', detail, { 'retry-after': String(seconds), connection: 'close' });
}
