import { z } from 'zod';
import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import {
  maxBatchBytes,
  maxRunsPerBatch,
  type RunAnswer,
  RunBatch,
  RunBatchAnswer,
} from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { type ApiRouter, answers, newRouter } from '../http/router.ts';
import { sentinelAuth } from '../http/sentinel-auth.ts';
import { commitQueue, QueueFull } from './commit-queue.ts';
import { type Batch, ingestAll } from './ingest.ts';

/** What may wait for one customer's commit: 20 full batches, or as many small ones. Beyond, sentinels keep their runs. */
const limits = { requests: 500, weight: 20 * maxRunsPerBatch };
const retryAfterSeconds = 2;

/** A batch, or a single run as the whole body. */
const Body = z.union([RunBatch, z.looseObject({ id: z.string() }).transform((run) => ({ runs: [run] }))], {
  error: `must be { "runs": [ 1 to ${maxRunsPerBatch} runs ] }, or one run`,
});

type Sent = Omit<Batch, 'sentinel'> & { sentinelId: string };

/** Taking in runs; under the sentinels' prefix. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const store = sharedCommits(server);

  router.post(
    '/runs',
    answers('Report runs', RunBatchAnswer),
    sentinelAuth(server),
    body(Body, { maxBytes: maxBatchBytes }),
    async (ctx) => {
      const { sentinel, input } = ctx.state;
      const runs = await store(sentinel.customerId, { sentinelId: sentinel.sentinelId, runs: input.runs });
      ctx.body = { runs, serverTime: server.now() } satisfies RunBatchAnswer;
    },
  );

  return router;
}

/** One queue for each customer: their commits don't wait for each other. */
function sharedCommits(server: ServerContext): (customerId: CustomerId, sent: Sent) => Promise<RunAnswer[]> {
  const queues = new Map<CustomerId, (sent: Sent, weight: number) => Promise<RunAnswer[]>>();
  return async (customerId, sent) => {
    const queue = queues.get(customerId) ?? commitQueue((all) => commit(server, customerId, all), limits);
    queues.set(customerId, queue);
    try {
      return await queue(sent, sent.runs.length);
    } catch (error) {
      if (!(error instanceof QueueFull)) throw error;
      const detail = `${error.message}; keep them and send them again later`;
      throw new HttpProblem(429, 'BUSY', detail, { 'retry-after': String(retryAfterSeconds) });
    }
  };
}

async function commit(server: ServerContext, customerId: CustomerId, all: readonly Sent[]): Promise<RunAnswer[][]> {
  const answered = await server.customers.use(customerId, async (db) => {
    const batches = await Promise.all(all.map(({ sentinelId, runs }) => batchOf(db, sentinelId, runs)));
    return ingestAll(db, batches, server.now());
  });
  const stored = answered.flat().some((answer) => answer.status === 'stored');
  if (stored) server.events.emit('runsStored', customerId);
  return answered;
}

/** The location is read with every commit, so that a move counts from now. */
async function batchOf(db: CustomerDb, sentinelId: string, runs: readonly unknown[]): Promise<Batch> {
  const row = await db<SentinelRow>('sentinels').where({ id: sentinelId }).first('location_id');
  if (!row) throw new HttpProblem(401, 'KEY_UNKNOWN', 'this sentinel is not known to its customer; enrol it again');
  return { sentinel: { id: sentinelId, locationId: row.location_id }, runs };
}
