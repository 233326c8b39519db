import { atomically } from '../../db/atomically.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { SignInFailureRow } from '../../db/registry/rows.ts';

const allowedFailures = 5;
const firstDelayMs = 60_000;
const longestDelayMs = 3_600_000;
/** After this long without an attempt, failures are forgotten. */
const forgetAfterMs = 24 * 3_600_000;

/**
 * Counts an attempt to sign in, before the password is looked at: attempts made at once are counted too. Returns until
 * when (ms) this account is locked for this source, or undefined if the attempt may go on. It goes by both, so that a
 * stranger can't lock an owner out; the delay doubles with each failure after the fifth.
 */
export function countAttempt(
  registry: Registry,
  account: string,
  source: string,
  now: number,
): Promise<number | undefined> {
  return atomically(registry, async (trx) => {
    await trx<SignInFailureRow>('sign_in_failures')
      .where('last_at', '<', now - forgetAfterMs)
      .delete();
    const row = await trx<SignInFailureRow>('sign_in_failures').where({ account, source }).first();
    // One that lasts longer than any lock does is from a time when the clock was wrong.
    if (row && row.locked_until > now && row.locked_until <= now + longestDelayMs) return row.locked_until;
    const failures = (row?.failures ?? 0) + 1;
    const next: SignInFailureRow = {
      account,
      source,
      failures,
      last_at: now,
      locked_until: lockedUntil(failures, now),
    };
    await trx('sign_in_failures').insert(next).onConflict(['account', 'source']).merge();
    return undefined;
  });
}

/** The attempt succeeded: earlier failures are forgotten. */
export async function forgetFailures(registry: Registry, account: string, source: string): Promise<void> {
  await registry<SignInFailureRow>('sign_in_failures').where({ account, source }).delete();
}

function lockedUntil(failures: number, now: number): number {
  if (failures < allowedFailures) return 0;
  return now + Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - allowedFailures));
}
