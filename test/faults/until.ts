import { setTimeout as wait } from 'node:timers/promises';

/** So long that a busy machine is not taken for a broken program. */
const usualMs = 90_000;

export interface Patience {
  everyMs?: number;
  limitMs?: number;
  /** What else to say when it was in vain. */
  tell?: () => string;
}

/** Returns once `holds` does; throws after a long while, naming `what` was waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { everyMs = 20, limitMs = usualMs, tell = () => '' }: Patience = {},
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`after ${limitMs / 1000} s still not so: ${what}. ${tell()}`);
    await wait(everyMs);
  }
}
