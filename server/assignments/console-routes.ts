import { z } from 'zod';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { pauseMonitor } from './pause-monitor.ts';
import { runNow } from './run-now.ts';

const MonitorPath = z.object({ customerId: z.string(), monitorId: Uuid });
const RunNowAnswer = z.object({
  /** Runs that answer the request carry it. */
  requestId: z.string(),
});

/** What can be asked of a customer's monitors; under `/api/v1`. */
export function consoleRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  router.post(
    '/customers/:customerId/monitors/:monitorId/run-now',
    may(server, 'run monitors'),
    answers('Have its sentinels run a monitor once, now', RunNowAnswer),
    params(MonitorPath),
    also({ others: { 404: ['NOT_FOUND'], 409: ['PAUSED'] } }),
    async (ctx) => {
      const { actor, customerId, params } = ctx.state;
      const requestId = await runNow(server, customerId, { id: params.monitorId }, actor).catch(
        refusedAs(409, 'PAUSED'),
      );
      if (requestId === undefined) throw notFound();
      ctx.body = { requestId };
    },
  );
  router.put(
    '/customers/:customerId/monitors/:monitorId/paused',
    may(server, 'change monitors'),
    answers('Have nobody run a monitor, or have it run again'),
    params(MonitorPath),
    body(z.object({ paused: z.boolean() })),
    also({ others: { 409: ['TOO_MUCH_TO_DO'] } }),
    async (ctx) => {
      const { actor, customerId, params, input } = ctx.state;
      const found = pauseMonitor(server, customerId, params.monitorId, input.paused, actor);
      if (!(await found.catch(refusedAs(409, 'TOO_MUCH_TO_DO')))) throw notFound();
      ctx.status = 204;
    },
  );
  return router;
}
