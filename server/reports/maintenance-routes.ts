import { z } from 'zod';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import type { Actor } from '../audit/audit.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { Refused } from '../http/refused.ts';
import { type ApiRouter, answers, newRouter, params, query } from '../http/router.ts';
import { customerAccess, customerAdmin, type SignedIn } from '../http/session-auth.ts';
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
    answers('Times of maintenance, those that begin last first', MaintenanceAnswer),
    customerAccess(server),
    params(CustomerPath),
    query(PageQuery),
    async (ctx) => {
      const { customerId, query } = ctx.state;
      ctx.body = await customers.use(customerId, (db) => maintenances(db, query));
    },
  );

  router.post(
    '/customers/:customerId/maintenance',
    answers('Add a time of maintenance, of one monitor or of all', NewMaintenance),
    customerAdmin(server),
    params(CustomerPath),
    body(MaintenanceWish),
    async (ctx) => {
      const { customerId, input } = ctx.state;
      const added = customers.use(customerId, (db) => addMaintenance(db, input, actorOf(ctx.state), server.now()));
      const id = await added.catch((error: unknown) => {
        throw error instanceof Refused ? new HttpProblem(400, 'BODY_INVALID', error.message) : error;
      });
      ctx.body = { id } satisfies NewMaintenance;
    },
  );

  router.delete(
    '/customers/:customerId/maintenance/:maintenanceId',
    answers('Take a time of maintenance away: what was measured in it counts again'),
    customerAdmin(server),
    params(MaintenancePath),
    async (ctx) => {
      const { customerId, params } = ctx.state;
      const remove = (db: Parameters<typeof removeMaintenance>[0]) =>
        removeMaintenance(db, params.maintenanceId, actorOf(ctx.state), server.now());
      if (!(await customers.use(customerId, remove))) throw notFound();
      ctx.status = 204;
    },
  );

  return router;
}

function actorOf({ user }: SignedIn): Actor {
  return { kind: 'user', id: user.id, name: user.name };
}
