import { setTimeout as wait } from 'node:timers/promises';

/** So long that a busy machine is not taken for a broken program. */
const limitMs = 90_000;

/** Returns once `holds` does; throws after a long while, naming `what` was waited for. */
export async function until(what: string, holds: () => boolean, everyMs = 20): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`after ${limitMs / 1000} s still not so: ${what}`);
    await wait(everyMs);
  }
}
