import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { customerTurns, type TakeTurn } from './customer-turns.ts';
import type { JobsLease } from './lease.ts';

export interface Job {
  /** Ends after the customer in progress, or soon where that one is slow. */
  stop(): Promise<void>;
}

/** One time that a job is done. */
export interface Turn {
  /** Under which it is done; undefined as soon as it has to end: the lease is another's, or the server stops. */
  readonly fence: number | undefined;
  /** See `customerTurns`: of all times that this job is done. */
  readonly take: TakeTurn;
}

/** How long the others wait for one customer (ms) whose database answers nothing. */
const longestMs = 60_000;
/** How long for one that is slow: two are worked on at a time only where the first takes as long as none does. */
const slowestMs = 6 * 3_600_000;

interface Terms {
  everyMs: number;
  /** Not after that time only, but as soon as the lease is got. */
  whenGained?: boolean;
  /** What the log says where it failed, as a whole or for a customer. */
  failed: string;
}

/** Does `work` again and again for as long as the lease is held, one turn after the other. */
export function leasedJob(
  { log, customers }: Pick<ServerContext, 'log' | 'customers'>,
  lease: JobsLease,
  { everyMs, whenGained = false, failed }: Terms,
  work: (turn: Turn) => Promise<void>,
): Job {
  let [isStopping, isDue] = [false, false];
  let working = Promise.resolve();
  const isAtWork = async (id: CustomerId, forMs: number) => {
    if (turn.fence === undefined || forMs > slowestMs) return false;
    await customers.use(id, (db) => db.raw('select 1'));
    return true;
  };
  const turn: Turn = {
    take: customerTurns({ log }, { longestMs, failed, isAtWork }),
    get fence() {
      return isStopping ? undefined : lease.fence;
    },
  };
  const begin = () => {
    if (isDue) return; // where turns take longer than their time there would be ever more of them
    isDue = true;
    working = working
      .then(() => {
        isDue = false;
        return turn.fence === undefined ? undefined : work(turn);
      })
      .catch((err) => log.error({ err }, failed));
  };
  if (whenGained) lease.on('gained', begin);
  const timer = setInterval(begin, everyMs);
  return {
    async stop() {
      isStopping = true;
      lease.off('gained', begin);
      clearInterval(timer);
      await working;
    },
  };
}

/** Does something for one customer after the other, as `customerTurns` says. False if the turn ended before. */
export async function forEachCustomer(
  turn: Turn,
  ids: readonly CustomerId[],
  work: (id: CustomerId, fence: number) => Promise<void>,
  take = turn.take,
): Promise<boolean> {
  for (const id of ids) {
    const { fence } = turn;
    if (fence === undefined) return false;
    await take(id, () => work(id, fence));
  }
  return true;
}
