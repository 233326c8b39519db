import { atomically } from '../../db/atomically.ts';
import type { LateRunRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Claim } from './state.ts';

const atOnce = 200;

/** Removes the late runs of a supplement, some at a time. */
export async function removeSupplement(db: CustomerDb, { piece: { month, part }, guard }: Claim): Promise<void> {
  for (let left = true; left; ) {
    left = await atomically(db, async (trx) => {
      await guard(trx);
      const ofPart = trx<LateRunRow>('late_runs').where({ from_at: month.from, part });
      const ids: Uint8Array[] = await ofPart.orderBy('id').limit(atOnce).pluck('id');
      await trx<LateRunRow>('late_runs').whereIn('id', ids).delete();
      return ids.length === atOnce;
    });
  }
}
