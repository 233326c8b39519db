import { type CustomerId, connectionsEach } from '../../db/customers.ts';
import { isMysql } from '../../db/engines/dialect.ts';
import type { RunAnswer } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { commitQueue, QueueFull } from './commit-queue.ts';
import { type Batch, ingestAll } from './ingest.ts';
import { readRun } from './read-run.ts';

const mib = 1024 * 1024;

/** What may wait for one customer's commit, in bytes: some 300 batches of a hundred usual runs. Beyond, sentinels keep theirs. */
const limits = { requests: 500, weight: 32 * mib };
/**
 * The same of all customers together, three times that in memory; beyond it each may have a usual batch, or many single runs,
 * and a few one of the largest.
 */
const ofAll = { weight: 128 * mib, each: mib / 4, heavy: 32 * mib };
/** What one commit takes: from a usual batch to four. */
const inCommit = { least: mib / 8, most: mib / 2 };
const retryAfterSeconds = 2;

/** The runs of one request as they came, and who sent it. The list is emptied: whoever waits would hold them twice. */
export interface Sent {
  sentinelId: string;
  runs: unknown[];
  bytes: number;
}

/** What storing runs takes of the server. */
export type Store = Pick<ServerContext, 'customers' | 'events' | 'now'>;

/**
 * Stores what was sent, and answers once it is committed. One queue for each customer: their commits don't wait for each
 * other. Rejects with a 429 when too much waits.
 */
export function sharedCommits(server: Store): (customerId: CustomerId, sent: Sent) => Promise<RunAnswer[]> {
  const queues = new Map<CustomerId, (read: () => Batch, weight: number) => Promise<RunAnswer[]>>();
  /** Customers whose database stores runs while others are being stored. */
  const inParallel = new Set<CustomerId>();
  const room = { ...ofAll, taken: 0, heavyTaken: 0 };

  async function commit(customerId: CustomerId, all: readonly Batch[]): Promise<RunAnswer[][]> {
    const answered = await server.customers.use(customerId, async (db) => {
      if (isMysql(db)) inParallel.add(customerId);
      return ingestAll(db, all, server.now());
    });
    const stored = answered.flat().some((answer) => answer.status === 'stored');
    if (stored) server.events.emit('runsStored', customerId);
    return answered;
  }

  function queueOf(customerId: CustomerId) {
    const commits = () => (inParallel.has(customerId) ? connectionsEach : 1);
    const all = { ...limits, commits, inCommit, room };
    const queue = queues.get(customerId) ?? commitQueue((some) => commit(customerId, some), all);
    queues.set(customerId, queue);
    return queue;
  }

  return async (customerId, { sentinelId, runs, bytes }) => {
    const queue = queueOf(customerId);
    try {
      // Read before its turn comes: meanwhile the database is at work on what came earlier.
      return await queue(() => ({ sentinelId, runs: runs.splice(0).map((raw) => readRun(raw, sentinelId)) }), bytes);
    } catch (error) {
      if (!(error instanceof QueueFull)) throw error;
      const detail = `${error.message}; keep them and send them again later`;
      throw new HttpProblem(429, 'BUSY', detail, { 'retry-after': String(retryAfterSeconds) });
    }
  };
}
