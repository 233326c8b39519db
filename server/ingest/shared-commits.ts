import type { SentinelRow } from '../../db/customer/rows.ts';
import { type CustomerDb, type CustomerId, connectionsEach } from '../../db/customers.ts';
import { isMysql } from '../../db/engines/dialect.ts';
import type { RunAnswer } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { commitQueue, QueueFull } from './commit-queue.ts';
import { type Batch, ingestAll } from './ingest.ts';
import { readRun } from './read-run.ts';
import type { Reporter } from './sort-out.ts';

const mib = 1024 * 1024;

/** What may wait for one customer's commit, in bytes: some 300 batches of a hundred usual runs. Beyond, sentinels keep theirs. */
const limits = { requests: 500, weight: 32 * mib };
/**
 * The same of all customers together, three times that in memory; beyond it each may have a usual batch, or many single runs,
 * and a few one of the largest.
 */
const ofAll = { weight: 128 * mib, each: mib / 4, heavy: 32 * mib };
/** Of usual batches a commit takes four; where others are under way beside it two, so that there is work for all. */
const [one, several] = [
  { commits: 1, weight: mib / 2 },
  { commits: connectionsEach, weight: mib / 4 },
];
const retryAfterSeconds = 2;

/** The runs of one request as they came, and who sent it. The list is emptied: whoever waits would hold them twice. */
export interface Sent {
  sentinelId: string;
  runs: unknown[];
  bytes: number;
}

type Waiting = Pick<Batch, 'runs'> & Pick<Sent, 'sentinelId'>;

/** What storing runs takes of the server. */
export type Store = Pick<ServerContext, 'customers' | 'events' | 'now'>;

/**
 * Stores what was sent, and answers once it is committed. One queue for each customer: their commits don't wait for each
 * other. Rejects with a 429 when too much waits.
 */
export function sharedCommits(server: Store): (customerId: CustomerId, sent: Sent) => Promise<RunAnswer[]> {
  const queues = new Map<CustomerId, (read: () => Waiting, weight: number) => Promise<RunAnswer[]>>();
  /** Customers whose database stores runs while others are being stored. */
  const inParallel = new Set<CustomerId>();
  const room = { ...ofAll, taken: 0, heavyTaken: 0 };

  async function commit(customerId: CustomerId, all: readonly Waiting[]): Promise<RunAnswer[][]> {
    const answered = await server.customers.use(customerId, async (db) => {
      if (isMysql(db)) inParallel.add(customerId);
      const reporters = await reportersOf(db, new Set(all.map(({ sentinelId }) => sentinelId)));
      const batches = all.map(({ sentinelId, runs }) => ({ sentinel: known(reporters, sentinelId), runs }));
      return ingestAll(db, batches, server.now());
    });
    const stored = answered.flat().some((answer) => answer.status === 'stored');
    if (stored) server.events.emit('runsStored', customerId);
    return answered;
  }

  function queueOf(customerId: CustomerId) {
    const pace = () => (inParallel.has(customerId) ? several : one);
    const queue = queues.get(customerId) ?? commitQueue((all) => commit(customerId, all), { ...limits, pace, room });
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

/** The location is read with every commit, so that a move counts from now. */
async function reportersOf(db: CustomerDb, ids: ReadonlySet<string>): Promise<Map<string, Reporter>> {
  const rows = await db<SentinelRow>('sentinels')
    .whereIn('id', [...ids])
    .select('id', 'location_id');
  return new Map(rows.map(({ id, location_id }) => [id, { id, locationId: location_id }]));
}

function known(reporters: ReadonlyMap<string, Reporter>, sentinelId: string): Reporter {
  const reporter = reporters.get(sentinelId);
  if (reporter) return reporter;
  throw new HttpProblem(401, 'KEY_UNKNOWN', 'this sentinel is not known to its customer; enrol it again');
}
