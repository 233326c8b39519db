import { z } from 'zod';
import { Assignments, Heartbeat, HeartbeatAnswer, Sha256 } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { notFound } from '../http/problem.ts';
import { type ApiRouter, also, answers, entrance, newRouter, params } from '../http/router.ts';
import { type AskingSentinel, sentinelAuth } from '../http/sentinel-auth.ts';
import { bundleOf } from './bundle-of.ts';
import { keepHeartbeat } from './heartbeat.ts';
import { keepSkips } from './keep-skips.ts';
import { preferredWait, unstored } from './news.ts';
import type { NewsDesk } from './news-desk.ts';

/** How to ask for what is new only. */
const asksForNews = also({
  headers: z.object({
    'if-none-match': z.string().optional().describe('the ETag of what is known already'),
    prefer: z.string().optional().describe('`wait=112`: the answer may take so many seconds, 120 at most (RFC 7240)'),
  }),
  answerHeaders: z.object({ etag: z.string() }),
  others: { 304: [] },
});

/** Most bytes of a heartbeat: one with all that may be in it has some 300 KiB in any writing. */
const maxHeartbeatBytes = 512 * 1024;

/** What sentinels are to do, and how they say that they are well; under `/sentinel/v1`. */
export function routes(server: ServerContext, { admissions, snapshots, news }: NewsDesk): ApiRouter {
  const router = newRouter();
  const asSentinel = sentinelAuth(server);
  const asWaiting = sentinelAuth(server, {
    admit: (ctx) => admissions.admit(ctx),
    wasLetIn: (ctx) => news.hasWaited(ctx.req),
  });

  /** Changes are counted from before the key is looked at: one that comes meanwhile is not missed. */
  const sinceWhen = entrance<{ sentinel: AskingSentinel; changes: number }>(
    asWaiting.permission,
    (ctx, next) => {
      ctx.state.changes = news.changes;
      return asWaiting(ctx, next);
    },
    asWaiting.documents,
  );

  // A request that waits begins anew at each change, so who asks is looked at again too: the key may be revoked by then.
  router.get('/assignments', sinceWhen, answers('What to do', Assignments), asksForNews, async (ctx) => {
    const { sentinel, changes } = ctx.state;
    const known = ctx.get('if-none-match');
    const waitS = known === '' ? 0 : preferredWait(ctx.get('prefer'));
    const { etag, text, packed } = await snapshots.of(sentinel);
    const question = { request: ctx.req, answer: ctx.res, sentinel, etag, waitS };
    if (etag === known && news.keepOpen(question, changes)) {
      ctx.respond = false;
      return;
    }
    ctx.set({ etag, ...unstored });
    if (waitS > 0) ctx.set('preference-applied', `wait=${waitS}`);
    ctx.type = 'application/json';
    const isPacked = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
    if (etag === known) ctx.status = 304;
    else if (!isPacked) ctx.body = text(server.now());
    else {
      ctx.body = packed(server.now());
      ctx.type = 'application/json';
      ctx.set({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    }
  });

  const bySha256 = params(z.object({ sha256: Sha256 }));
  router.get(
    '/scripts/:sha256',
    asSentinel,
    answers('A script', undefined, 'text/javascript'),
    bySha256,
    also({ others: { 404: ['NOT_FOUND'] } }),
    async (ctx) => {
      const { params, sentinel } = ctx.state;
      const { sha256 } = params;
      const bundle = await server.customers.use(sentinel.customerId, (db) =>
        bundleOf(db, sha256, sentinel.sentinelId, server.now()),
      );
      if (bundle === undefined) throw notFound();
      ctx.set({ etag: `"${sha256}"`, 'cache-control': 'private, max-age=31536000, immutable' });
      ctx.type = 'text/javascript';
      ctx.body = bundle;
    },
  );

  const taken = body(Heartbeat, { maxBytes: maxHeartbeatBytes });
  router.post('/heartbeats', asSentinel, answers('A sign of life', HeartbeatAnswer), taken, async (ctx) => {
    const { sentinelId, customerId } = ctx.state.sentinel;
    const { skips = [], ...heartbeat } = ctx.state.input;
    const kept = await server.customers.use(customerId, async (db) => {
      await keepHeartbeat(db, sentinelId, heartbeat, server.now());
      return keepSkips(db, sentinelId, skips, heartbeat.clockOffsetMs ?? 0, server.now());
    });
    ctx.body = { serverTime: server.now(), skips: kept };
  });

  return router;
}
