import { z } from 'zod';
import { MonitorWish } from '../../scripts-library/publish/deployment.ts';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { type ApiRouter, also, answers, newRouter, params, query } from '../http/router.ts';
import { MonitorForm, monitorForm } from './monitor-form.ts';
import { saveMonitor } from './save-monitor.ts';
import { ScheduleAnswer, ScheduleQuestion, scheduleAnswer } from './schedule-answer.ts';

const CustomerPath = z.object({ customerId: z.string() });
const MonitorPath = CustomerPath.extend({ monitorId: Uuid });
const refused = refusedAs(422, 'REFUSED');
const refusals = also({ others: { 422: ['REFUSED'] } });

/** What a customer's monitors are, and how they are made and changed; under the console's prefix. */
export function monitorRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();

  router.get(
    '/customers/:customerId/schedule',
    may(server, 'read'),
    answers('When runs of a schedule would be due', ScheduleAnswer),
    params(CustomerPath),
    query(ScheduleQuestion),
    async (ctx) => {
      ctx.body = (await scheduleAnswer(server, ctx.state.customerId, ctx.state.query)) satisfies ScheduleAnswer;
    },
  );

  router.post(
    '/customers/:customerId/monitors',
    may(server, 'change monitors'),
    answers('Add a monitor', z.object({ id: z.string() })),
    params(CustomerPath),
    body(MonitorWish),
    refusals,
    async (ctx) => {
      const { actor, customerId, input } = ctx.state;
      const id = await saveMonitor(server, customerId, undefined, input, actor).catch(refused);
      ctx.body = { id };
    },
  );

  router.get(
    '/customers/:customerId/monitors/:monitorId/settings',
    may(server, 'change monitors'),
    answers('What is asked of a monitor', MonitorForm),
    params(MonitorPath),
    async (ctx) => {
      const { customerId, params } = ctx.state;
      const found = await server.customers.use(customerId, (db) => monitorForm(db, params.monitorId));
      if (!found) throw notFound();
      ctx.body = found satisfies MonitorForm;
    },
  );

  router.put(
    '/customers/:customerId/monitors/:monitorId/settings',
    may(server, 'change monitors'),
    answers('Have a monitor be as it is given, whole'),
    params(MonitorPath),
    body(MonitorWish),
    refusals,
    async (ctx) => {
      const { actor, customerId, params, input } = ctx.state;
      if (!(await saveMonitor(server, customerId, params.monitorId, input, actor).catch(refused))) throw notFound();
      ctx.status = 204;
    },
  );

  return router;
}
