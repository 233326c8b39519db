import { DatabaseUnusable, isUnusable } from '../../db/database-unusable.ts';
import type { ServerContext } from './context.ts';
import { inTime } from './in-time.ts';
import { HttpProblem } from './problem.ts';

/** How long the registry may take to answer (ms). */
const usualPatienceMs = 5000;

/**
 * Returns what refuses with 503 `DATABASE_UNUSABLE` where the registry can't be worked with, without which nobody is let in,
 * or answers nothing. Whoever asks while others wait for the answer gets theirs.
 */
export function healthOf(
  { registry }: Pick<ServerContext, 'registry'>,
  patienceMs = usualPatienceMs,
): () => Promise<void> {
  let asking: Promise<void> | undefined;
  async function ask(): Promise<void> {
    try {
      await inTime(registry('leases').first('name'), patienceMs, () => {
        throw new DatabaseUnusable('the registry has answered nothing for long');
      });
    } catch (error) {
      if (!isUnusable(error)) throw error;
      // The log tells of it once a minute, not of everybody who asks.
      throw new HttpProblem(503, 'DATABASE_UNUSABLE', 'the registry cannot be worked with', { 'retry-after': '5' });
    } finally {
      asking = undefined;
    }
  }
  return () => {
    asking ??= ask();
    return asking;
  };
}
