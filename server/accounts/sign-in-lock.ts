import { atomically } from '../../db/atomically.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { SignInFailureRow } from '../../db/registry/rows.ts';

/** An attempt to prove who one is: for which account, and from where. */
export interface Attempt {
  account: string;
  /** The asker's address. */
  source: string;
  /**
   * What only the owner has: a browser that signed in before, or a session. Then neither strangers' failures nor those of
   * others at the same address count.
   */
  device?: string | undefined;
}

interface Rule {
  /** So many failures in a row lock. */
  allowed: number;
  /** For so long (ms), and twice as long with each further failure. */
  firstDelayMs: number;
  longestDelayMs: number;
  /** One failure is forgotten each time that so long has passed (ms). */
  forgetsEveryMs: number;
}

const [minute, hour] = [60_000, 3_600_000];
/** An account for one source, or one device. */
const ofPair: Rule = {
  allowed: 5,
  firstDelayMs: 15 * minute,
  longestDelayMs: hour,
  forgetsEveryMs: Number.POSITIVE_INFINITY,
};
/** An account for all sources together. */
const ofAccount: Rule = { ...ofPair, allowed: 100, firstDelayMs: hour, longestDelayMs: 24 * hour };
/** A source for all accounts together: many people may be behind one address. */
const ofSource: Rule = { allowed: 100, firstDelayMs: minute, longestDelayMs: minute, forgetsEveryMs: minute };

/** No name and no address is empty. */
const whichever = '';
/** After this long without an attempt, failures are forgotten; those of an account from all sources last longer. */
const [forgetAfterMs, forgetAccountAfterMs] = [24 * hour, 30 * 24 * hour];

type Counter = Pick<SignInFailureRow, 'account' | 'source'> & { rule: Rule };

function countersOf({ account, source, device }: Attempt): Counter[] {
  if (device !== undefined) return [{ account, source: device, rule: ofPair }];
  return [
    { account, source, rule: ofPair },
    { account, source: whichever, rule: ofAccount },
    { account: whichever, source, rule: ofSource },
  ];
}

/**
 * Counts an attempt, before the password is looked at: attempts made at once are counted too. Returns until when (ms)
 * there is no use in trying, or undefined if the attempt may go on.
 */
export function countAttempt(registry: Registry, attempt: Attempt, now: number): Promise<number | undefined> {
  return atomically(registry, async (trx) => {
    await forgetOld(trx, now);
    const counted = [];
    for (const { rule, ...key } of countersOf(attempt)) {
      const row = await trx<SignInFailureRow>('sign_in_failures').where(key).first();
      // One that lasts longer than any lock does is from a time when the clock was wrong.
      if (row && row.locked_until > now && row.locked_until <= now + rule.longestDelayMs) return row.locked_until;
      counted.push(another({ ...key, failures: 0, last_at: now, locked_until: 0, ...row }, rule, now));
    }
    for (const row of counted) {
      await trx('sign_in_failures').insert(row).onConflict(['account', 'source']).merge();
    }
    return undefined;
  });
}

/** The attempt succeeded: earlier failures of the account are forgotten, and it was none of its source's. */
export async function forgetFailures(registry: Registry, { account, source, device }: Attempt): Promise<void> {
  await atomically(registry, async (trx) => {
    const rows = () => trx<SignInFailureRow>('sign_in_failures');
    await rows()
      .where({ account })
      .whereIn('source', [device ?? source, whichever])
      .delete();
    if (device !== undefined) return;
    await rows().where({ account: whichever, source }).where('failures', '>', 0).decrement('failures', 1);
  });
}

/** Lets an account be tried again, wherever from. */
export async function unlock(registry: Registry, account: string): Promise<void> {
  await registry<SignInFailureRow>('sign_in_failures').where({ account }).delete();
}

/** The names among these that are locked for somebody. */
export async function lockedAccounts(registry: Registry, now: number): Promise<Set<string>> {
  const rows = registry<SignInFailureRow>('sign_in_failures').where('locked_until', '>', now);
  return new Set(await rows.whereNot({ account: whichever }).distinct('account').pluck('account'));
}

function another(row: SignInFailureRow, rule: Rule, now: number): SignInFailureRow {
  const since = Math.min(row.last_at, now); // later only if the clock was wrong
  const forgotten = Math.min(row.failures, Math.floor((now - since) / rule.forgetsEveryMs));
  const failures = row.failures - forgotten + 1;
  // What is left over of the time that a failure takes to be forgotten counts for the next.
  const last_at = rule === ofSource && row.failures > forgotten ? since + forgotten * rule.forgetsEveryMs : now;
  return { ...row, failures, last_at, locked_until: lockedUntil(failures, rule, now) };
}

function lockedUntil(failures: number, { allowed, firstDelayMs, longestDelayMs }: Rule, now: number): number {
  if (failures < allowed) return 0;
  return now + Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(30, failures - allowed));
}

async function forgetOld(trx: Registry, now: number): Promise<void> {
  const rows = () => trx<SignInFailureRow>('sign_in_failures');
  await rows()
    .where('last_at', '<', now - forgetAfterMs)
    .whereNot({ source: whichever })
    .delete();
  await rows()
    .where('last_at', '<', now - forgetAccountAfterMs)
    .delete();
}
