import { atomically } from '../../db/atomically.ts';
import type { TrialRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** A trial is looked at while its script is being written; who it was tried by stays in the trail (ms). */
const keptMs = 7 * 86_400_000;
const atOnce = 100;

/** Removes trials a week after they were asked for, with what they found. `guard` is the first to be done in the transaction. */
export function removeOldTrials(db: CustomerDb, now: number, guard: (trx: CustomerDb) => Promise<void>): Promise<void> {
  return atomically(db, async (trx) => {
    await guard(trx);
    for (;;) {
      const old: string[] = await trx<TrialRow>('trials')
        .where('asked_at', '<', now - keptMs)
        .limit(atOnce)
        .pluck('id');
      if (old.length === 0) return;
      await trx('trial_evidence').whereIn('trial_id', old).delete();
      await trx('trials').whereIn('id', old).delete();
    }
  });
}
