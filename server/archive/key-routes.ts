import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { CustomerPath } from '../reports/asked.ts';
import { identityKept, showIdentity } from './hand-over.ts';
import { addRecipient, makeWaitingKey, retireArchiveKey } from './keys.ts';
import { ArchiveKeyWish, IdentityAnswer, KeepingWish, NewArchiveKeyAnswer, Recipient } from './shapes.ts';

const refused = refusedAs(400, 'BODY_INVALID');
const refusals = also({ others: { 400: ['BODY_INVALID'] } });
const KeyPath = CustomerPath.extend({ recipient: Recipient });

/** To whom a customer's archive is sealed: for its own administrators alone; under `/api/v1`. */
export function archiveKeyRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const keep = may(server, 'keep archive keys');

  router.post(
    '/customers/:customerId/archive/keys',
    keep,
    answers('Make a key of the archive, or add the recipient of one that was made elsewhere', NewArchiveKeyAnswer),
    params(CustomerPath),
    body(ArchiveKeyWish),
    async (ctx) => {
      const { customerId, input, actor } = ctx.state;
      const { name, recipient } = input;
      const customer = await named(server, customerId);
      if (recipient !== undefined) await addRecipient(server, customer, { recipient, name }, actor).catch(refused);
      ctx.body = { recipient: recipient ?? (await makeWaitingKey(server, customer, name, actor)) };
    },
  );

  router.post(
    '/customers/:customerId/archive/keys/:recipient/identity',
    keep,
    answers('See what opens a key that waits for its keeper', IdentityAnswer),
    params(KeyPath),
    refusals,
    async (ctx) => {
      const { customerId, params, actor } = ctx.state;
      ctx.set('cache-control', 'no-store');
      ctx.body = { identity: await showIdentity(server, { id: customerId }, params.recipient, actor).catch(refused) };
    },
  );

  router.post(
    '/customers/:customerId/archive/keys/:recipient/keeping',
    keep,
    answers('Confirm that what opens a key is kept: then it is gone from here'),
    params(KeyPath),
    refusals,
    body(KeepingWish),
    async (ctx) => {
      const { customerId, params, input, actor } = ctx.state;
      await identityKept(server, { id: customerId }, params.recipient, input, actor).catch(refused);
      ctx.status = 204;
    },
  );

  router.delete(
    '/customers/:customerId/archive/keys/:recipient',
    keep,
    answers('Retire a key: nothing more is sealed to it, and what was stays so'),
    params(KeyPath),
    refusals,
    async (ctx) => {
      const { customerId, params, actor } = ctx.state;
      await retireArchiveKey(server, await named(server, customerId), params.recipient, actor).catch(refused);
      ctx.status = 204;
    },
  );

  return router;
}

async function named({ registry }: ServerContext, id: CustomerId): Promise<Pick<CustomerRow, 'id' | 'name'>> {
  const row = await registry<CustomerRow>('customers').where({ id }).first('id', 'name');
  if (!row) throw notFound();
  return row;
}
