import type { TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { Refused } from '../http/refused.ts';
import { availability, quantilesUs } from '../rollups/figures.ts';
import type { Tally } from '../rollups/tally.ts';

/** The figures by which parts of a monitor's time are compared. */
export function compared({ figures }: Tally) {
  const [p50Us = null, p95Us = null] = quantilesUs(figures, [0.5, 0.95]);
  const { passed, failed } = figures;
  return { passed, failed, availability: availability(figures), p50Us, p95Us };
}

/** As figures are kept by; of whole runs where no name is given. Throws `Refused` where the monitor has none of the name. */
export async function transactionIdOf(db: CustomerDb, monitorId: string, name: string | null): Promise<number> {
  if (name === null) return 0;
  const row = await db<TransactionRow>('transactions').where({ monitor_id: monitorId, name }).first('id');
  if (!row) throw new Refused(`transaction: the monitor has none called "${name}"`);
  return row.id;
}
