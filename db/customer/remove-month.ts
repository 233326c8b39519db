import { atomically } from '../atomically.ts';
import type { CustomerDb } from '../customers.ts';
import { giveBackPages } from '../engines/dialect.ts';
import { chunksOf } from '../in-chunks.ts';
import { firstIdAt, type Month } from './months.ts';
import { dropMonth } from './partitions.ts';
import type { RunRow } from './rows.ts';

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
    const runs: Removed[] = await trx('runs')
      .where('id', '>=', firstIdAt(from))
      .where('id', '<', firstIdAt(to))
      .orderBy('id')
      .limit(runsAtOnce)
      .select('id', 'monitor_id', 'started_at');
    const ids = runs.map(({ id }) => id);
    for (const [monitor_id, some] of Map.groupBy(runs, (run) => run.monitor_id))
      await removeResults(trx, monitor_id, some);
    await trx('evidence').whereIn('run_id', ids).delete();
    await trx('runs').whereIn('id', ids).delete();
    return ids.length > 0;
  });
}

type Removed = Pick<RunRow, 'id' | 'monitor_id' | 'started_at'>;

/** Results lie by transaction and start: what lies between the first start and the last is hardly more than these. */
async function removeResults(trx: CustomerDb, monitor_id: string, runs: readonly Removed[]): Promise<void> {
  const transactions: number[] = await trx('transactions').where({ monitor_id }).pluck('id');
  const starts = runs.map(({ started_at }) => started_at);
  const ids = runs.map(({ id }) => id);
  for (const some of chunksOf(transactions))
    await trx('transaction_results')
      .whereIn('transaction_id', some)
      .whereBetween('started_at', [Math.min(...starts), Math.max(...starts)])
      .whereIn('run_id', ids)
      .delete();
}
