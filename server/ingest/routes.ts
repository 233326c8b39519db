import { z } from 'zod';
import { maxBatchBytes, maxRunsPerBatch, Run, RunBatch, RunBatchAnswer } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { type ApiRouter, also, answers, newRouter } from '../http/router.ts';
import { sentinelAuth } from '../http/sentinel-auth.ts';
import { sharedCommits } from './shared-commits.ts';

/** A batch, or a single run as the whole body. */
const Body = z.union([RunBatch, z.looseObject({ id: z.string() }).transform((run) => ({ runs: [run] }))], {
  error: `must be { "runs": [ 1 to ${maxRunsPerBatch} runs ] }, or one run`,
});

/** Each run is read by itself, so that a bad one is rejected alone. */
const documentedAs = z.union([z.object({ runs: z.array(Run).min(1).max(maxRunsPerBatch) }), Run]);

/** Taking in runs; under the sentinels' prefix. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const store = sharedCommits(server);

  router.post(
    '/runs',
    sentinelAuth(server),
    answers('Report runs', RunBatchAnswer),
    body(Body, { maxBytes: maxBatchBytes, documentedAs }),
    also({ others: { 429: ['BUSY'] } }),
    async (ctx) => {
      const { sentinel, input, inputBytes: bytes } = ctx.state;
      const runs = await store(sentinel.customerId, { sentinelId: sentinel.sentinelId, runs: input.runs, bytes });
      ctx.body = { runs, serverTime: server.now() } satisfies RunBatchAnswer;
    },
  );

  return router;
}
