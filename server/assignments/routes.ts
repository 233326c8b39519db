import { z } from 'zod';
import { Assignments, Heartbeat, HeartbeatAnswer, Sha256 } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { notFound } from '../http/problem.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { askingSentinel, sentinelAuth } from '../http/sentinel-auth.ts';
import { assignmentsOf, bundleOf } from './assignments.ts';
import { keepHeartbeat } from './heartbeat.ts';
import { preferredWait, waitForChange } from './wait-for-change.ts';

/** How to ask for what is new only. */
const news = also({
  headers: z.object({
    'if-none-match': z.string().optional().describe('the ETag of what is known already'),
    prefer: z.string().optional().describe('`wait=50`: the answer may take so many seconds, 50 at most (RFC 7240)'),
  }),
  answerHeaders: z.object({ etag: z.string() }),
  others: { 304: [] },
});

/** What sentinels are to do, and how they say that they are well; under `/sentinel/v1`. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const asSentinel = sentinelAuth(server);

  router.get('/assignments', answers('What to do', Assignments), asSentinel, news, async (ctx) => {
    const known = ctx.get('if-none-match');
    const wait = known === '' ? 0 : preferredWait(ctx.get('prefer'));
    const gone = new AbortController();
    ctx.res.once('close', () => gone.abort());
    const look = async () => {
      // Asked anew each time: the key may be revoked while the request is open.
      const current = await assignmentsOf(server, await askingSentinel(server, ctx));
      return current.etag === known ? undefined : current;
    };
    const signal = AbortSignal.any([gone.signal, server.stopping.signal]);
    const found = await waitForChange(server, ctx.state.sentinel.customerId, look, wait * 1000, signal);
    ctx.set({ etag: found?.etag ?? known, 'cache-control': 'private, no-cache' });
    if (wait > 0) ctx.set('preference-applied', `wait=${wait}`);
    if (found) ctx.body = { ...found.content, serverTime: server.now() };
    else ctx.status = 304;
  });

  const bySha256 = params(z.object({ sha256: Sha256 }));
  router.get(
    '/scripts/:sha256',
    answers('A script', undefined, 'text/javascript'),
    asSentinel,
    bySha256,
    also({ others: { 404: ['NOT_FOUND'] } }),
    async (ctx) => {
      const { sha256 } = ctx.state.params;
      const bundle = await server.customers.use(ctx.state.sentinel.customerId, (db) => bundleOf(db, sha256));
      if (bundle === undefined) throw notFound();
      ctx.set({ etag: `"${sha256}"`, 'cache-control': 'private, max-age=31536000, immutable' });
      ctx.type = 'text/javascript';
      ctx.body = bundle;
    },
  );

  router.post('/heartbeats', answers('A sign of life', HeartbeatAnswer), asSentinel, body(Heartbeat), async (ctx) => {
    const { sentinelId, customerId } = ctx.state.sentinel;
    await server.customers.use(customerId, (db) => keepHeartbeat(db, sentinelId, ctx.state.input, server.now()));
    ctx.body = { serverTime: server.now() };
  });

  return router;
}
