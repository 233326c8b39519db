import type { RunRow } from '../../db/customer/rows.ts';
import { runKey } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import type { DirtyHour } from '../rollups/dirty-hours.ts';
import { hourOf } from '../rollups/hours.ts';

/*
 * A failed run may be followed by one that confirms or refutes it. Of the two exactly one counts: the second if it passed
 * or failed, else the first. They may come in any order, and the second may never come.
 */

const decided = ['passed', 'failed'] as const satisfies Run['outcome'][];

/** Whether a run counts as far as it can tell itself: a confirming one that decided nothing does not. */
export function countsByItself({ retryOf, outcome }: Pick<Run, 'retryOf' | 'outcome'>): boolean {
  return retryOf === undefined || decided.some((one) => one === outcome);
}

/**
 * Has the second count in the place of the first wherever the runs just stored complete such a pair. Returns the hours in
 * which something changed by that; call it in the transaction that stores the runs.
 */
export async function settleRetries(db: CustomerDb, stored: readonly Run[]): Promise<DirtyHour[]> {
  const firsts = stored.flatMap(({ id, retryOf, retriedBy }) => retryOf ?? (retriedBy === undefined ? [] : id));
  const refuted = await inChunks(firsts.map(runKey), (some) => replaced(db, some));
  await inChunks(
    refuted.map((row) => row.id),
    async (some) => {
      await db<RunRow>('runs').whereIn('id', some).update({ counts: 0 });
      return [];
    },
  );
  return refuted.map(({ started_at, monitor_id, sentinel_id }) => ({
    hour: hourOf(started_at),
    monitor_id,
    sentinel_id,
  }));
}

type Replaced = Pick<RunRow, 'id' | 'started_at' | 'monitor_id' | 'sentinel_id'>;

/** Those of the runs whose confirming run is here and has decided. Both must name each other, and be of one sentinel. */
function replaced(db: CustomerDb, firsts: readonly Uint8Array[]): PromiseLike<Replaced[]> {
  return db('runs as first')
    .join('runs as second', (on) => {
      on.on('second.id', 'first.retried_by')
        .on('second.retry_of', 'first.id')
        .on('second.monitor_id', 'first.monitor_id')
        .on('second.sentinel_id', 'first.sentinel_id');
    })
    .whereIn('first.id', firsts)
    .where({ 'first.outcome': 'failed', 'first.counts': 1 })
    .whereNot('first.id', db.ref('second.id'))
    .whereIn('second.outcome', decided)
    .select<Replaced[]>('first.id', 'first.started_at', 'first.monitor_id', 'first.sentinel_id');
}
