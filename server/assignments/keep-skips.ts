import { atomically } from '../../db/atomically.ts';
import type { ClosedHoursRow, MonitorRow, SkipRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Skip } from '../../sentinel/protocol/messages.ts';
import type { Period } from '../reports/shapes.ts';
import { expectedOf, nearMsOf } from '../rollups/coverage.ts';
import { markDirtyBetween } from '../rollups/dirty-hours.ts';
import { eras } from './schedules.ts';

/** The furthest a Date reaches, ms on either side of 1970. */
const lastInstantMs = 8_640_000_000_000_000;

/**
 * Keeps what a sentinel says it skipped. A span that is told again changes nothing, or makes the one that is here longer;
 * one of a monitor that isn't there (any more) is passed over, since nothing is expected of that, and so is one that the
 * sentinel's clock leads beyond the calendar.
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
    const rows = skips.map((skip) => rowOf(sentinelId, skip, clockOffsetMs, now));
    for (const row of rows) if (known.has(row.monitor_id) && isInCalendar(row)) await keepOne(trx, row);
  });
}

function isInCalendar({ from_at, to_at }: SkipRow): boolean {
  return [from_at, to_at].every((at) => Math.abs(at) <= lastInstantMs);
}

async function keepOne(db: CustomerDb, row: SkipRow): Promise<void> {
  const { monitor_id, sentinel_id, sentinel_from_at, to_at, count } = row;
  const here = db<SkipRow>('skips').where({ monitor_id, sentinel_id, sentinel_from_at });
  const before = await here.clone().first('count');
  if (before && before.count >= count) return;
  if (before) await here.update({ to_at, count });
  else await db('skips').insert(row);
  await markClosed(db, row);
}

/** Hours that were closed before the skip was told of are to tell of it too. */
async function markClosed(db: CustomerDb, { monitor_id, sentinel_id, from_at, to_at }: SkipRow): Promise<void> {
  const closed = await db<ClosedHoursRow>('closed_hours').where({ monitor_id }).first();
  const monitor = await db<MonitorRow>('monitors').where({ id: monitor_id }).first();
  if (!closed || !monitor) return;
  const own = { id: monitor_id, eras: (await eras(db, monitor_id))(monitor) };
  const nearMs = nearMsOf(own.eras);
  // Whatever a clock that was off says, nothing was expected before the monitor was made.
  const span = { from: Math.max(from_at - nearMs, monitor.created_at), to: Math.min(to_at + nearMs, closed.until - 1) };
  const sentinel = { id: sentinel_id, enrolled_at: monitor.created_at, revoked_at: null };
  const hasTimes = (hour: Period) => expectedOf(own, sentinel, hour) > 0;
  await markDirtyBetween(db, { monitor_id, sentinel_id }, span, hasTimes);
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
