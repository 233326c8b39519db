import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';

interface Terms {
  /** How long the others wait for one (ms). */
  longestMs: number;
  /** What the log says where it failed. */
  failed: string;
  /**
   * Whether one that took longer is at work still (for so many ms): then the others wait on, since of what is slow few are
   * to be done at a time. Asked again and again; no answer, or none in time, is a no. They wait for none unless given.
   */
  isAtWork?: (id: CustomerId, forMs: number) => Promise<boolean>;
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
export function customerTurns(
  { log }: Pick<ServerContext, 'log'>,
  { longestMs, failed, isAtWork = async () => false, afterLong }: Terms,
): TakeTurn {
  const working = new Set<CustomerId>();
  /** Who was passed over in this turn of theirs: some jobs come by every few seconds. */
  const passedOver = new Set<CustomerId>();
  return async (id, work) => {
    if (working.has(id)) {
      const why = 'passed over, since its last turn has not ended: does its database server answer?';
      if (!passedOver.has(id)) log.warn({ customer: id }, why);
      passedOver.add(id);
      return;
    }
    working.add(id);
    const over = new AbortController();
    const began = performance.now();
    const done = Promise.try(work, over.signal)
      .catch((err) => log.error({ customer: id, err }, failed))
      .finally(() => {
        working.delete(id);
        passedOver.delete(id);
        if (over.signal.aborted) afterLong?.(id);
      })
      .then(() => true);
    // Where a database server hangs so do all its customers: the more of them, the less each is waited for.
    const patienceMs = longestMs / working.size;
    while (!(await within(patienceMs, done))) {
      if (await within(patienceMs, isAtWork(id, performance.now() - began))) continue;
      over.abort();
      return;
    }
  };
}

/** False if there is no answer in time (ms). */
async function within(ms: number, answer: Promise<boolean>): Promise<boolean> {
  const tooLate = Promise.withResolvers<false>();
  const timer = setTimeout(() => tooLate.resolve(false), ms);
  const said = await Promise.race([answer.catch(() => false), tooLate.promise]);
  clearTimeout(timer);
  return said;
}
