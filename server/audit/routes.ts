import { Readable } from 'node:stream';
import { z } from 'zod';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, answers, newRouter, params, query, type RouteContext } from '../http/router.ts';
import { instant, pageLimit, whole } from '../reports/query-parts.ts';
import { actions } from './actions.ts';
import type { Actor } from './audit.ts';
import { Entry, presentEntry } from './entry.ts';
import { exported } from './export.ts';
import { entriesOf, trailOf } from './trail.ts';

const actionNames = Object.keys(actions).sort();

const EntriesQuery = z.object({
  /** Whole name of who did it. */
  person: z.string().min(1).max(200).optional(),
  /** One of `actions`. */
  action: z.string().min(1).max(100).optional(),
  from: instant.optional(),
  to: instant.optional(),
  /** `next` of the page before. */
  before: whole(z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)).optional(),
  limit: pageLimit,
});

const EntriesAnswer = z.object({
  entries: z.array(Entry),
  /** For the page after; null at the end. */
  next: z.int().nullable(),
  /** All that entries can tell, to filter by. */
  actions: z.array(z.string()),
});

const CustomerPath = z.object({ customerId: z.string() });
const jsonLines = 'application/x-ndjson';

/** The audit trails, of a customer for its administrators and the provider's for operators; under `/api/v1`. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const ofCustomer = may(server, 'see audit trail');
  const ofProvider = may(server, 'see audit trail of provider');

  async function page(id: CustomerId | null, { before, limit, ...filter }: z.output<typeof EntriesQuery>) {
    const { rows, next } = await trailOf(server, id)((db) => entriesOf(db, filter, { before, limit }));
    return { entries: rows.map(presentEntry), next, actions: actionNames } satisfies z.input<typeof EntriesAnswer>;
  }

  function file(ctx: RouteContext<{ actor: Actor }>, id: CustomerId | null): void {
    ctx.attachment('audit.jsonl');
    ctx.type = jsonLines;
    ctx.body = Readable.from(exported(server, id, ctx.state.actor));
  }

  router.get(
    '/customers/:customerId/audit',
    ofCustomer,
    answers("Entries of the customer's audit trail, newest first", EntriesAnswer),
    params(CustomerPath),
    query(EntriesQuery),
    async (ctx) => {
      ctx.body = await page(ctx.state.customerId, ctx.state.query);
    },
  );

  router.get(
    '/customers/:customerId/audit/export',
    ofCustomer,
    answers("The customer's whole audit trail, an entry a line, oldest first", undefined, jsonLines),
    params(CustomerPath),
    (ctx) => file(ctx, ctx.state.customerId),
  );

  router.get(
    '/audit',
    ofProvider,
    answers("Entries of the provider's audit trail, newest first", EntriesAnswer),
    query(EntriesQuery),
    async (ctx) => {
      ctx.body = await page(null, ctx.state.query);
    },
  );

  router.get(
    '/audit/export',
    ofProvider,
    answers("The provider's whole audit trail, an entry a line, oldest first", undefined, jsonLines),
    (ctx) => file(ctx, null),
  );

  return router;
}
