import { z } from 'zod';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { enterCustomer, leaveCustomer, presentGrant } from './grants.ts';
import { EntryWish, Grant } from './shapes.ts';

const CustomerPath = z.object({ customerId: z.string() });

/** How operators enter a customer and leave it; under `/api/v1`. */
export function grantRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const enter = may(server, 'enter customers');
  const missing = also({ others: { 404: ['NOT_FOUND'] } });

  router.post(
    '/customers/:customerId/entry',
    enter,
    answers('Enter a customer, for a reason and a time; the customer sees both', Grant),
    params(CustomerPath),
    body(EntryWish),
    missing,
    async (ctx) => {
      const { actor, params, input } = ctx.state;
      const customer = await customerOf(server, params.customerId);
      const grant = await enterCustomer(server, actor, customer, input);
      ctx.body = presentGrant({ ...customer, ...grant });
    },
  );

  router.delete(
    '/customers/:customerId/entry',
    enter,
    answers('Leave a customer before the time is over'),
    params(CustomerPath),
    missing,
    async (ctx) => {
      const { actor, params } = ctx.state;
      const customer = await customerOf(server, params.customerId);
      if (!(await leaveCustomer(server, actor, customer))) throw notFound();
      ctx.status = 204;
    },
  );

  return router;
}

async function customerOf({ registry }: ServerContext, id: string): Promise<CustomerRow> {
  const row = await registry('customers').where({ id }).first();
  if (!row) throw notFound();
  return row;
}
