import { z } from 'zod';
import { asProblem } from '../assignments/authoring-problems.ts';
import { maxDraftBytes } from '../assignments/publish-routes.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { type ApiRouter, also, answers, newRouter, params, query } from '../http/router.ts';
import { NewTrial, TrialAnswer, TrialsAnswer, TrialWish } from './shapes.ts';
import { trial, trialsOf } from './trial.ts';
import { tryDraft } from './try-draft.ts';

const CustomerPath = z.object({ customerId: z.string() });
const OfScript = z.object({ script: z.string().min(1).max(300).optional().describe('its file name; none: all') });
const TrialPath = CustomerPath.extend({ trialId: z.string().max(100) });

/** How authors try drafts; under `/api/v1`. */
export function trialRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const change = may(server, 'change monitors');

  router.post(
    '/customers/:customerId/trials',
    change,
    answers('Have a sentinel run a draft once, at its next chance', NewTrial),
    params(CustomerPath),
    body(TrialWish, { maxBytes: maxDraftBytes }),
    also({ others: { 404: ['NOT_FOUND'], 422: ['REFUSED', 'SCRIPT_REFUSED'], 429: ['BUSY'] } }),
    async (ctx) => {
      const { actor, customerId, input } = ctx.state;
      const trialId = await tryDraft(server, customerId, input, actor).catch(asProblem);
      if (trialId === undefined) throw notFound();
      ctx.body = { trialId } satisfies z.infer<typeof NewTrial>;
    },
  );

  router.get(
    '/customers/:customerId/trials',
    change,
    answers('The newest trials, of one script or all; kept for a week', TrialsAnswer),
    params(CustomerPath),
    query(OfScript),
    async (ctx) => {
      const { customerId, query } = ctx.state;
      const trials = await server.customers.use(customerId, (db) => trialsOf(db, query.script, server.now()));
      ctx.body = { trials } satisfies TrialsAnswer;
    },
  );

  router.get(
    '/customers/:customerId/trials/:trialId',
    change,
    answers('How a trial stands, and what came of it', TrialAnswer),
    params(TrialPath),
    async (ctx) => {
      const { customerId, params } = ctx.state;
      const urlOf = (sha256: string) => `/api/v1/customers/${customerId}/evidence/${sha256}`;
      const found = await server.customers.use(customerId, (db) => trial(db, params.trialId, server.now(), urlOf));
      if (!found) throw notFound();
      ctx.body = found satisfies TrialAnswer;
    },
  );

  return router;
}
