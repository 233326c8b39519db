import { atomically } from '../../db/atomically.ts';
import type { SkipRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Skip } from '../../sentinel/protocol/messages.ts';

/**
 * Keeps what a sentinel says it skipped. A span that is told again changes nothing, or makes the one that is here longer;
 * one of a monitor that isn't there (any more) is passed over, since nothing is expected of that.
 */
export async function keepSkips(
  db: CustomerDb,
  sentinelId: string,
  skips: readonly Skip[],
  clockOffsetMs: number,
  now: number,
): Promise<void> {
  if (skips.length === 0) return;
  await atomically(db, async (trx) => {
    const known = new Set<string>(await trx('monitors').pluck('id'));
    for (const skip of skips)
      if (known.has(skip.monitorId)) await keepOne(trx, rowOf(sentinelId, skip, clockOffsetMs, now));
  });
}

async function keepOne(db: CustomerDb, row: SkipRow): Promise<void> {
  const { monitor_id, sentinel_id, sentinel_from_at, to_at, count } = row;
  const here = db<SkipRow>('skips').where({ monitor_id, sentinel_id, sentinel_from_at });
  const before = await here.clone().first('count');
  if (!before) await db('skips').insert(row);
  else if (before.count < count) await here.update({ to_at, count });
}

function rowOf(
  sentinel_id: string,
  { monitorId, reason, from, to, count }: Skip,
  offset: number,
  now: number,
): SkipRow {
  return {
    monitor_id: monitorId,
    sentinel_id,
    sentinel_from_at: from,
    from_at: from + offset,
    to_at: to + offset,
    reason,
    count,
    received_at: now,
  };
}
