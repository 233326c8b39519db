import { setTimeout as sleep } from 'node:timers/promises';

/** What `work` gives, or what `late` throws where it takes longer than `ms`; it is not ended then. */
export async function inTime<T>(work: PromiseLike<T>, ms: number, late: () => never): Promise<T> {
  const done = new AbortController();
  try {
    return await Promise.race([work, sleep(ms, undefined, { signal: done.signal }).then(late)]);
  } finally {
    done.abort();
  }
}
