import { PictureRefused } from '../../evidence/picture.ts';
import { body, bytes } from '../../http/body.ts';
import type { ServerContext } from '../../http/context.ts';
import { may } from '../../http/may.ts';
import { HttpProblem, notFound } from '../../http/problem.ts';
import { refusedAs } from '../../http/refused-as.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../../http/router.ts';
import { turnstile } from '../../http/turnstile.ts';
import { CustomerPath, MonitorPath } from '../asked.ts';
import { setLogo } from './logo.ts';
import { TargetsAnswer, TargetWish } from './shapes.ts';
import { setTarget, targetsAnswer } from './targets.ts';

const maxLogoBytes = 2_000_000;

/** What reports measure against, and what heads them; under `/api/v1`. */
export function targetRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const { customers } = server;
  const change = may(server, 'change targets');
  const drawing = turnstile({ atOnce: 1, waiting: 10 });

  router.get(
    '/customers/:customerId/targets',
    may(server, 'read'),
    answers('What was agreed on for each monitor and transaction', TargetsAnswer),
    params(CustomerPath),
    async (ctx) => {
      ctx.body = await customers.use(ctx.state.customerId, (db) => targetsAnswer(db));
    },
  );

  router.put(
    '/customers/:customerId/monitors/:monitorId/target',
    change,
    answers('Set what a transaction, or whole runs, are measured against; nothing agreed on takes it away'),
    params(MonitorPath),
    body(TargetWish),
    async (ctx) => {
      const { actor, customerId, params, input } = ctx.state;
      const by = { actor, now: server.now() };
      const set = customers.use(customerId, (db) => setTarget(db, params.monitorId, input, by));
      const isThere = await set.catch(refusedAs(400, 'BODY_INVALID'));
      if (!isThere) throw notFound();
      ctx.status = 204;
    },
  );

  router.put(
    '/customers/:customerId/report-logo',
    change,
    answers('Send the picture that heads reports; it is drawn anew'),
    params(CustomerPath),
    bytes(['image/png', 'image/jpeg', 'image/webp'], { maxBytes: maxLogoBytes }),
    also({ others: { 422: ['PICTURE_REFUSED'], 429: ['BUSY'], 503: ['NOT_DRAWN'] } }),
    async (ctx) => {
      const { actor, customerId, bytes } = ctx.state;
      const by = { actor, now: server.now(), owner: customerId };
      await drawing(() => customers.use(customerId, (db) => setLogo(db, bytes, by))).catch((error: unknown) => {
        throw error instanceof PictureRefused ? new HttpProblem(422, 'PICTURE_REFUSED', error.message) : error;
      });
      ctx.status = 204;
    },
  );

  router.delete(
    '/customers/:customerId/report-logo',
    change,
    answers('Take the picture away that heads reports'),
    params(CustomerPath),
    async (ctx) => {
      const { actor, customerId } = ctx.state;
      await customers.use(customerId, (db) => setLogo(db, null, { actor, now: server.now(), owner: customerId }));
      ctx.status = 204;
    },
  );

  return router;
}
