import { z } from 'zod';
import { Outcome, RunId, Uuid } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { type ApiRouter, answers, newRouter, params, query } from '../http/router.ts';
import { customerAccess } from '../http/session-auth.ts';
import { monitorAnswer, monitorsAnswer } from './monitors.ts';
import { dayMs } from './period.ts';
import { responseTimes } from './response-times.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import {
  ChartStep,
  MonitorAnswer,
  MonitorsAnswer,
  type Period,
  ResponseTimesAnswer,
  RunAnswer,
  RunsAnswer,
} from './shapes.ts';
import { rulers } from './steps.ts';

/** Written out: `z.coerce.number` alone takes an empty text for 0. */
const whole = (schema: z.ZodNumber) =>
  z.preprocess((text) => (/^-?\d{1,16}$/.test(String(text)) ? Number(text) : text), schema);
const instant = whole(z.number('must be a whole number').int().min(-8.64e15).max(8.64e15));
/** Of [from, to), ms since 1970; the last 24 hours unless said. */
const PeriodQuery = z.object({ from: instant.optional(), to: instant.optional() });
const CustomerPath = z.object({ customerId: z.string() });
const MonitorPath = CustomerPath.extend({ monitorId: Uuid });
const RunPath = CustomerPath.extend({ runId: RunId });

const ResponseTimesQuery = PeriodQuery.extend({ step: ChartStep.default('hour') });

/** `next` of the page before: start and id of its last run. */
const CursorText = z
  .string()
  .regex(/^-?\d{1,16}_[0-9a-f-]{36}$/, 'must be what `next` of the page before said')
  .transform((text) => {
    const [startedAt = '', id = ''] = text.split('_');
    return { startedAt: Number(startedAt), id };
  });
const RunsQuery = z.object({
  before: CursorText.optional(),
  limit: whole(z.number().int().min(1).max(200)).default(50),
  outcome: Outcome.optional(),
});

/** What the console shows of monitors and runs; under its prefix. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const { customers } = server;
  const access = customerAccess(server);

  router.get(
    '/customers/:customerId/monitors',
    answers('All monitors of the customer', MonitorsAnswer),
    access,
    params(CustomerPath),
    query(PeriodQuery),
    async (ctx) => {
      const now = server.now();
      const period = periodOf(ctx.state.query, now);
      ctx.body = await customers.use(ctx.state.customerId, (db) => monitorsAnswer(db, period, now));
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId',
    answers('One monitor', MonitorAnswer),
    access,
    params(MonitorPath),
    query(PeriodQuery),
    async (ctx) => {
      const now = server.now();
      const period = periodOf(ctx.state.query, now);
      const { customerId, params } = ctx.state;
      const found = await customers.use(customerId, (db) => monitorAnswer(db, params.monitorId, period, now));
      ctx.body = there(found);
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId/response-times',
    answers('Response times over time', ResponseTimesAnswer),
    access,
    params(MonitorPath),
    query(ResponseTimesQuery),
    async (ctx) => {
      const { customerId, params, query } = ctx.state;
      const period = periodOf(query, server.now(), rulers[query.step].longestMs);
      ctx.body = await customers.use(customerId, async (db): Promise<ResponseTimesAnswer> => {
        there(await db('monitors').where({ id: params.monitorId }).first('id'));
        return responseTimes(db, params.monitorId, period, query.step);
      });
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId/runs',
    answers('Runs of a monitor, newest first', RunsAnswer),
    access,
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
    answers('One run', RunAnswer),
    access,
    params(RunPath),
    async (ctx) => {
      const { customerId, params } = ctx.state;
      const urlOf = (sha256: string) => `/api/v1/customers/${customerId}/evidence/${sha256}`;
      const found = await customers.use(customerId, (db) => run(db, params.runId, urlOf));
      ctx.body = there(found) satisfies RunAnswer;
    },
  );

  return router;
}

/** What is asked for, or 404. */
function there<T>(found: T | undefined): T {
  if (found === undefined) throw notFound();
  return found;
}

function periodOf(asked: z.output<typeof PeriodQuery>, now: number, longestMs = 40_000 * dayMs): Period {
  const to = asked.to ?? now;
  const from = asked.from ?? to - dayMs;
  if (from >= to) throw new HttpProblem(400, 'QUERY_INVALID', 'from: must be before to');
  if (to - from > longestMs) {
    throw new HttpProblem(400, 'QUERY_INVALID', `from: must be at most ${longestMs} ms before to, for this step`);
  }
  return { from, to };
}
