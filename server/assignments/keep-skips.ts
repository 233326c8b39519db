import { atomically } from '../../db/atomically.ts';
import type { ClosedHoursRow, MonitorRow, SkipRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Skip } from '../../sentinel/protocol/messages.ts';
import type { Period } from '../reports/shapes.ts';
import { expectedOf, nearMsOf } from '../rollups/coverage.ts';
import { markDirtyBetween } from '../rollups/dirty-hours.ts';
import { hourMs } from '../rollups/hours.ts';
import { type Era, eras } from './schedules.ts';

/** The furthest a Date reaches, ms on either side of 1970. */
const lastInstantMs = 8_640_000_000_000_000;
/** Closed hours after which no further span of a heartbeat is begun, more than a year: nobody else writes meanwhile. */
const mostHours = 10_000;

/**
 * Keeps what a sentinel says it skipped, and returns how many of the spans it has kept: the first so many, at least one. Of
 * spans with very many hours the rest is to be told again. A span that is told again changes nothing, or makes the one that
 * is here longer; one of a monitor that isn't there (any more) is passed over, since nothing is expected of that, and so is
 * one that the sentinel's clock leads beyond the calendar.
 */
export async function keepSkips(
  db: CustomerDb,
  sentinelId: string,
  skips: readonly Skip[],
  clockOffsetMs: number,
  now: number,
): Promise<number> {
  if (skips.length === 0) return 0;
  return atomically(db, async (trx) => {
    const known = new Set<string>(await trx('monitors').pluck('id'));
    let [kept, hours] = [0, 0];
    for (const skip of skips) {
      if (hours >= mostHours) break;
      const row = rowOf(sentinelId, skip, clockOffsetMs, now);
      if (known.has(row.monitor_id) && isInCalendar(row)) hours += await keepOne(trx, row);
      kept += 1;
    }
    return kept;
  });
}

function isInCalendar({ from_at, to_at }: SkipRow): boolean {
  return [from_at, to_at].every((at) => Math.abs(at) <= lastInstantMs);
}

type Told = Pick<SkipRow, 'to_at' | 'count'>;

/** Returns how many hours were looked through. */
async function keepOne(db: CustomerDb, row: SkipRow): Promise<number> {
  const { monitor_id, sentinel_id, sentinel_from_at, to_at, count } = row;
  const here = db<SkipRow>('skips').where({ monitor_id, sentinel_id, sentinel_from_at });
  const before: Told | undefined = await here.clone().first('to_at', 'count');
  if (before && before.count >= count) return 0;
  if (before) await here.update({ to_at, count });
  else await db('skips').insert(row);
  return markClosed(db, row, before);
}

/**
 * Hours that were closed before the skip was told of are to tell of it too: all of its hours, or, of one that was told
 * `before`, those that it grew by. Returns how many hours were looked through.
 */
async function markClosed(
  db: CustomerDb,
  { monitor_id, sentinel_id, from_at, to_at }: SkipRow,
  before: Told | undefined,
): Promise<number> {
  const closed = await db<ClosedHoursRow>('closed_hours').where({ monitor_id }).first();
  const monitor = await db<MonitorRow>('monitors').where({ id: monitor_id }).first();
  if (!closed || !monitor) return 0;
  const own = { id: monitor_id, eras: (await eras(db, [monitor_id]))(monitor) };
  const nearMs = nearMsOf(own.eras);
  const grew = before !== undefined && before.count >= mostTimesInHour(own.eras);
  const from = grew ? Math.min(before.to_at, to_at) : from_at - nearMs;
  const to = Math.max(before?.to_at ?? to_at, to_at) + nearMs;
  // Whatever a clock that was off says, nothing was expected before the monitor was made.
  const span = { from: Math.max(from, monitor.created_at), to: Math.min(to, closed.until - 1) };
  const sentinel = { id: sentinel_id, enrolled_at: monitor.created_at, revoked_at: null };
  const hasTimes = (hour: Period) => expectedOf(own, sentinel, hour) > 0;
  await markDirtyBetween(db, { monitor_id, sentinel_id }, span, hasTimes);
  return Math.max(0, span.to - span.from) / hourMs;
}

/**
 * No hour has more times, so that one in which a span was told with as many is told whole. Times are an interval apart, or
 * a minute of an expression, or the first of a window or of an era.
 */
function mostTimesInHour(eras: readonly Era[]): number {
  return hourMs / (2 * nearMsOf(eras)) + 60 + eras.length;
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
