import { atomically } from '../atomically.ts';
import type { CustomerDb } from '../customers.ts';
import { giveBackPages } from '../engines/dialect.ts';
import { firstIdAt, type Month } from './months.ts';
import { dropMonth } from './partitions.ts';

/** Few enough that whoever else writes hardly waits. */
const runsAtOnce = 200;

/**
 * Removes the runs whose ids are of a month, with all that hangs on them, and gives their room back: at once where the month
 * lies in partitions, else in small steps between which others write. `guard` is asked before each. Nothing may be added
 * to the month meanwhile. Cut short, it is ended by doing it again.
 */
export async function removeMonth(
  db: CustomerDb,
  month: Month,
  guard: (db: CustomerDb) => Promise<void>,
): Promise<void> {
  await atomically(db, guard);
  await dropMonth(db, month);
  while (await removeSome(db, month, guard)) await giveBackPages(db);
}

/** Whether there were any. */
function removeSome(db: CustomerDb, { from, to }: Month, guard: (db: CustomerDb) => Promise<void>): Promise<boolean> {
  return atomically(db, async (trx) => {
    await guard(trx);
    const ids: Uint8Array[] = await trx('runs')
      .where('id', '>=', firstIdAt(from))
      .where('id', '<', firstIdAt(to))
      .orderBy('id')
      .limit(runsAtOnce)
      .pluck('id');
    for (const table of ['transaction_results', 'run_details', 'evidence']) {
      await trx(table).whereIn('run_id', ids).delete();
    }
    await trx('runs').whereIn('id', ids).delete();
    return ids.length > 0;
  });
}
