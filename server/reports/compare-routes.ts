import { z } from 'zod';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, also, answers, newRouter, params, query } from '../http/router.ts';
import { answer, isLong, MonitorPath, PeriodQuery, periodOf } from './asked.ts';
import { LocationsAnswer, WeekAnswer } from './compare-shapes.ts';
import { Reporter } from './reporter.ts';

/** Of one transaction, or of whole runs. */
const CompareQuery = PeriodQuery.extend({ transaction: z.string().optional() });
const tooLong = also({ others: { 400: ['QUERY_INVALID'], 422: ['REPORT_TOO_LONG'] } });

/** Parts of a monitor's time compared with each other; under `/api/v1`. */
export function compareRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const read = may(server, 'read');
  // By itself, so that the chart above never waits for what is compared below it.
  const reporter = new Reporter(server);

  router.get(
    '/customers/:customerId/monitors/:monitorId/week',
    read,
    answers('What the hours of the week were like', WeekAnswer),
    tooLong,
    params(MonitorPath),
    query(CompareQuery),
    async (ctx) => {
      const { customerId, params, query } = ctx.state;
      const now = server.now();
      const period = periodOf(query, now);
      const { transaction = null } = query;
      const asked = reporter.ask(customerId, isLong(period), 'week', params.monitorId, period, transaction, now);
      await answer(ctx, asked);
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId/locations',
    read,
    answers('Locations compared', LocationsAnswer),
    tooLong,
    params(MonitorPath),
    query(CompareQuery),
    async (ctx) => {
      const { customerId, params, query } = ctx.state;
      const now = server.now();
      const period = periodOf(query, now);
      const { transaction = null } = query;
      const asked = reporter.ask(customerId, isLong(period), 'locations', params.monitorId, period, transaction, now);
      await answer(ctx, asked);
    },
  );

  return router;
}
