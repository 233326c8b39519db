import { z } from 'zod';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { type ApiRouter, answers, newRouter, params, query } from '../http/router.ts';
import { addMaintenance, maintenances, removeMaintenance } from './maintenance.ts';
import { cursor, pageLimit } from './query-parts.ts';
import { MaintenanceAnswer, MaintenanceWish, NewMaintenance } from './shapes.ts';

const CustomerPath = z.object({ customerId: z.string() });
const MaintenancePath = CustomerPath.extend({ maintenanceId: Uuid });
const PageQuery = z.object({ before: cursor.optional(), limit: pageLimit });

/** Times that reports leave out on request; under `/api/v1`. */
export function maintenanceRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const { customers } = server;

  router.get(
    '/customers/:customerId/maintenance',
    may(server, 'read'),
    answers('Times of maintenance, those that begin last first', MaintenanceAnswer),
    params(CustomerPath),
    query(PageQuery),
    async (ctx) => {
      const { customerId, query } = ctx.state;
      ctx.body = await customers.use(customerId, (db) => maintenances(db, query));
    },
  );

  router.post(
    '/customers/:customerId/maintenance',
    may(server, 'change maintenance'),
    answers('Add a time of maintenance, of one monitor or of all', NewMaintenance),
    params(CustomerPath),
    body(MaintenanceWish),
    async (ctx) => {
      const { actor, customerId, input } = ctx.state;
      const added = customers.use(customerId, (db) => addMaintenance(db, input, actor, server.now()));
      const id = await added.catch(refusedAs(400, 'BODY_INVALID'));
      ctx.body = { id } satisfies NewMaintenance;
    },
  );

  router.delete(
    '/customers/:customerId/maintenance/:maintenanceId',
    may(server, 'change maintenance'),
    answers('Take a time of maintenance away: what was measured in it counts again'),
    params(MaintenancePath),
    async (ctx) => {
      const { actor, customerId, params } = ctx.state;
      const remove = (db: Parameters<typeof removeMaintenance>[0]) =>
        removeMaintenance(db, params.maintenanceId, actor, server.now());
      if (!(await customers.use(customerId, remove))) throw notFound();
      ctx.status = 204;
    },
  );

  return router;
}
