import type { CustomerId } from '../../db/customers.ts';
import { DatabaseUnusable } from '../../db/database-unusable.ts';
import { databaseServers } from '../databases/database-servers.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { HttpProblem } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { type ApiRouter, also, answers, newRouter } from '../http/router.ts';
import { confirming } from './account-shapes.ts';
import { CustomerWish, DatabaseServersAnswer, NewCustomerAnswer } from './customer-shapes.ts';
import { NameTaken } from './customers.ts';
import type { HashingTurns } from './hashing-turns.ts';
import { newCustomer } from './new-customer.ts';
import { customersOverview } from './overview.ts';
import { proving } from './prove.ts';
import { CustomersAnswer } from './shapes.ts';
import { timeZoneCalled } from './time-zone.ts';

const refused = refusedAs(409, 'REFUSED');

/** The provider's customers: all at a glance, and one more; under `/api/v1`. */
export function customerRoutes(server: ServerContext, turns: HashingTurns): ApiRouter {
  const router = newRouter();
  const prove = proving(server, turns);
  const add = may(server, 'add customers');
  const overdue = new Set<CustomerId>();

  router.get(
    '/customers',
    may(server, 'see all customers'),
    answers('All customers at a glance, the last 24 hours', CustomersAnswer),
    async (ctx) => {
      ctx.body = await customersOverview(server, { overdue });
    },
  );

  router.post(
    '/customers',
    add,
    answers('Add a customer, with a database of its own', NewCustomerAnswer),
    also({ others: { ...confirming, 409: ['NAME_TAKEN', 'REFUSED'], 503: ['DATABASE_UNUSABLE'] } }),
    body(CustomerWish),
    async (ctx) => {
      const { name, timeZone, databaseServer, ...proof } = ctx.state.input;
      await prove(ctx, proof);
      const options = {
        timeZone: timeZoneCalled(timeZone) ?? timeZone,
        ...(databaseServer !== null && { databaseServer }),
      };
      const added = await newCustomer(server, name, options, ctx.state.actor).catch(tellCause).catch(refused);
      ctx.body = { id: added.id, name, timeZone: added.timeZone, archiveKey: added.archiveKey };
    },
  );

  router.get(
    '/database-servers',
    add,
    answers("Servers on which a customer's database can be made, beside that of the registry", DatabaseServersAnswer),
    async (ctx) => {
      ctx.body = { databaseServers: await databaseServers(server) };
    },
  );

  return router;

  /** To others a database says nothing of itself; whoever chose where it is made is told what is wrong there. */
  function tellCause(error: unknown): never {
    if (error instanceof NameTaken) throw new HttpProblem(409, 'NAME_TAKEN', error.message);
    if (!(error instanceof DatabaseUnusable)) throw error;
    server.log.error({ err: error }, 'a customer could not be added');
    throw new HttpProblem(503, 'DATABASE_UNUSABLE', error.message, { 'retry-after': '5' });
  }
}
