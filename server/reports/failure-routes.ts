import { z } from 'zod';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, also, answers, newRouter, params, query } from '../http/router.ts';
import { answer, CustomerPath, isLong, PeriodQuery, periodOf } from './asked.ts';
import { FailureGroupAnswer, FailuresAnswer } from './failure-shapes.ts';
import { cursor, pageLimit, whole } from './query-parts.ts';
import { Reporter } from './reporter.ts';

const GroupPath = CustomerPath.extend({
  groupId: whole(
    z
      .number()
      .int()
      .min(1)
      .max(2 ** 31 - 1),
  ),
});
const FailuresQuery = PeriodQuery.extend({
  monitor: Uuid.optional(),
  location: z.string().optional(),
  code: z.string().optional(),
  limit: pageLimit,
});
const GroupQuery = PeriodQuery.extend({ before: cursor.optional(), limit: pageLimit });
const wrong = also({ others: { 400: ['QUERY_INVALID'] } });

/** What went wrong, by signature; under `/api/v1`. */
export function failureRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const read = may(server, 'read');
  const reporter = new Reporter(server);

  router.get(
    '/customers/:customerId/failures',
    read,
    answers('Failures, those of the same kind together', FailuresAnswer),
    wrong,
    params(CustomerPath),
    query(FailuresQuery),
    async (ctx) => {
      const { customerId, query } = ctx.state;
      const period = periodOf(query, server.now());
      const { monitor: monitorId, location: locationId, code, limit } = query;
      const question = { period, monitorId, locationId, code, limit };
      await answer(ctx, reporter.ask(customerId, isLong(period), 'failures', question));
    },
  );

  router.get(
    '/customers/:customerId/failures/:groupId',
    read,
    answers('Failures of one kind, with their runs', FailureGroupAnswer),
    wrong,
    params(GroupPath),
    query(GroupQuery),
    async (ctx) => {
      const { customerId, params, query } = ctx.state;
      const period = periodOf(query, server.now());
      const { before, limit } = query;
      const page = { before, limit };
      await answer(ctx, reporter.ask(customerId, isLong(period), 'failureGroup', params.groupId, period, page));
    },
  );

  return router;
}
