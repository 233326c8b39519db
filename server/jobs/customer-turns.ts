import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';

interface Terms {
  /** How long the others wait for one (ms). */
  longestMs: number;
  /** What the log says where it failed. */
  failed: string;
  /** Told when one that took longer has ended. */
  afterLong?: (id: CustomerId) => void;
}

/**
 * Has work done for one customer; settles once it is done, has failed or has taken as long as the others wait. After that `over`
 * is aborted, and the work goes on beside that of the others.
 */
export type TakeTurn = (id: CustomerId, work: (over: AbortSignal) => Promise<unknown>) => Promise<void>;

/**
 * For work on one customer after the other: one for whom it fails, or whose database answers nothing, holds up no other. While
 * its work is under way that customer is passed over, so that it is never done twice at once.
 */
export function customerTurns({ log }: Pick<ServerContext, 'log'>, { longestMs, failed, afterLong }: Terms): TakeTurn {
  const working = new Set<CustomerId>();
  return async (id, work) => {
    if (working.has(id)) {
      log.warn({ customer: id }, 'passed over, since its last turn has not ended: does its database server answer?');
      return;
    }
    working.add(id);
    const over = new AbortController();
    const done = Promise.try(work, over.signal)
      .catch((err) => log.error({ customer: id, err }, failed))
      .finally(() => {
        working.delete(id);
        if (over.signal.aborted) afterLong?.(id);
      });
    const tooLong = Promise.withResolvers<void>();
    // Where a database server hangs so do all its customers: the more of them, the less each is waited for.
    const timer = setTimeout(() => {
      over.abort();
      tooLong.resolve();
    }, longestMs / working.size);
    await Promise.race([done, tooLong.promise]);
    clearTimeout(timer);
  };
}
