import { z } from 'zod';
import { Outcome, RunId } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, also, answers, newRouter, params, query } from '../http/router.ts';
import { answer, CustomerPath, isLong, MonitorPath, PeriodQuery, periodOf, there } from './asked.ts';
import { cursor, flag, groups, instant, pageLimit, severalOf, timeZone, whole } from './query-parts.ts';
import { Reporter } from './reporter.ts';
import { restoredRun } from './restored-run.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import {
  ChartStep,
  MonitorAnswer,
  MonitorsAnswer,
  ReportAnswer,
  ResponseTimesAnswer,
  RunAnswer,
  RunsAnswer,
  Step,
} from './shapes.ts';
import { mostSteps } from './steps.ts';

const RunPath = CustomerPath.extend({ runId: RunId });

const ResponseTimesQuery = PeriodQuery.extend({ step: ChartStep.default('hour') });

const ReportQuery = PeriodQuery.extend({
  step: Step.default('day'),
  timeZone: timeZone.optional(),
  group: groups.default([]),
  transaction: severalOf(z.string()).optional(),
  businessHours: flag.default(false),
  maintenance: z.enum(['included', 'excluded']).default('included'),
  after: instant.optional(),
  limit: whole(z.number().int().min(1).max(mostSteps)).default(1000),
});
const RunsQuery = z.object({
  before: cursor.optional(),
  limit: pageLimit,
  outcome: Outcome.optional(),
});

/** What the console shows of monitors and runs; under its prefix. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const { customers } = server;
  const read = may(server, 'read');
  const reporter = new Reporter(server);

  router.get(
    '/customers/:customerId/monitors',
    read,
    answers('All monitors of the customer', MonitorsAnswer),
    params(CustomerPath),
    query(PeriodQuery),
    async (ctx) => {
      const now = server.now();
      const period = periodOf(ctx.state.query, now);
      await answer(ctx, reporter.ask(ctx.state.customerId, isLong(period), 'monitors', period, now));
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId',
    read,
    answers('One monitor', MonitorAnswer),
    params(MonitorPath),
    query(PeriodQuery),
    async (ctx) => {
      const now = server.now();
      const period = periodOf(ctx.state.query, now);
      const { customerId, params } = ctx.state;
      await answer(ctx, reporter.ask(customerId, isLong(period), 'monitor', params.monitorId, period, now));
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId/response-times',
    read,
    answers('Response times over time', ResponseTimesAnswer),
    params(MonitorPath),
    query(ResponseTimesQuery),
    also({ others: { 422: ['REPORT_TOO_LONG'] } }),
    async (ctx) => {
      const { customerId, params, query } = ctx.state;
      const now = server.now();
      const period = periodOf(query, now, query.step);
      const { monitorId } = params;
      await answer(
        ctx,
        reporter.ask(customerId, isLong(period, query.step), 'responseTimes', monitorId, period, query.step, now),
      );
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId/report',
    read,
    answers('Figures of a monitor over any period, step by step', ReportAnswer),
    params(MonitorPath),
    query(ReportQuery),
    also({ others: { 422: ['REPORT_TOO_LONG'] } }),
    async (ctx) => {
      const { customerId, params, query } = ctx.state;
      const now = server.now();
      const { from: _from, to: _to, transaction: transactions, ...rest } = query;
      const question = { ...rest, transactions, period: periodOf(query, now, query.step) };
      // Hours of another time zone may have to be told by rows too.
      const isMuch = isLong(question.period, query.timeZone === undefined ? query.step : 'minute');
      const asked = reporter.ask(customerId, isMuch, 'report', params.monitorId, question, now);
      await answer(ctx, asked);
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId/runs',
    read,
    answers('Runs of a monitor, newest first', RunsAnswer),
    params(MonitorPath),
    query(RunsQuery),
    async (ctx) => {
      const { customerId, params, query } = ctx.state;
      ctx.body = await customers.use(customerId, async (db): Promise<RunsAnswer> => {
        there(await db('monitors').where({ id: params.monitorId }).first('id'));
        return runs(db, params.monitorId, query);
      });
    },
  );

  router.get(
    '/customers/:customerId/runs/:runId',
    read,
    answers('One run', RunAnswer),
    params(RunPath),
    async (ctx) => {
      const { customerId, params } = ctx.state;
      const urlOf = (sha256: string) => `/api/v1/customers/${customerId}/evidence/${sha256}`;
      const live = await customers.use(customerId, (db) => run(db, params.runId, urlOf));
      ctx.body = there(live ?? (await restoredRun(server, customerId, params.runId, urlOf))) satisfies RunAnswer;
    },
  );

  return router;
}
