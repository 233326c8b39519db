import type { MonitorRow, RequestedRunRow, SentinelRow, SkipRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Era } from '../assignments/schedules.ts';
import { expectedOf, graceMs, type Share, settledUntil, skipsIn } from './coverage.ts';
import { entryOf } from './figures-of.ts';
import type { Period } from './shapes.ts';

type Sentinel = Pick<SentinelRow, 'id' | 'enrolled_at' | 'revoked_at'>;

/** Each sentinel's share in what a monitor did in the period, as far as it should be here at `now`; `here`: runs by sentinel. */
export async function sharesOf(
  db: CustomerDb,
  { monitor, eras, sentinels }: { monitor: MonitorRow; eras: readonly Era[]; sentinels: readonly Sentinel[] },
  here: ReadonlyMap<string, number>,
  period: Period,
  now: number,
): Promise<Share[]> {
  const settled = { from: period.from, to: Math.min(period.to, settledUntil(monitor, now)) };
  const [early, requested] = [await earlyRuns(db, monitor, period, now), await requestedRuns(db, monitor.id, period)];
  const skips = Map.groupBy(await skipsBetween(db, monitor.id, period), (row) => row.sentinel_id);
  const nearMs = Math.min(...eras.map(({ schedule }) => schedule.everyMs)) / 2;
  return sentinels.map((sentinel) => {
    const expectedIn = (part: Period) => expectedOf({ id: monitor.id, eras }, sentinel, part);
    const byReason = new Map<string, number>();
    for (const skip of skips.get(sentinel.id) ?? []) {
      const count = entryOf(byReason, skip.reason, () => 0) + skipsIn(skip, period, expectedIn, nearMs);
      byReason.set(skip.reason, count);
    }
    const beside = (early.get(sentinel.id) ?? 0) + (requested.get(sentinel.id) ?? 0);
    return { expected: expectedIn(settled) + beside, here: here.get(sentinel.id) ?? 0, skips: byReason };
  });
}

function skipsBetween(db: CustomerDb, monitorId: string, { from, to }: Period): Promise<SkipRow[]> {
  return db<SkipRow>('skips').where({ monitor_id: monitorId }).where('to_at', '>=', from).where('from_at', '<', to);
}

interface Counted {
  sentinel_id: string;
  count: number;
}

/** Runs that are here already though they are not overdue yet: they were evidently expected. */
async function earlyRuns(
  db: CustomerDb,
  monitor: MonitorRow,
  period: Period,
  now: number,
): Promise<Map<string, number>> {
  const settled = settledUntil(monitor, now);
  if (settled >= period.to) return new Map();
  const requested = db('requested_runs as asked')
    .where('asked.monitor_id', monitor.id)
    .where('asked.started_at', '>=', settled - monitor.timeout_ms - graceMs) // a confirming run follows the one it names
    .whereRaw('(asked.run_id = runs.id or asked.run_id = runs.retry_of)');
  const rows = await db('runs')
    .where({ monitor_id: monitor.id, counts: 1 })
    .where('started_at', '>=', Math.max(period.from, settled))
    .where('started_at', '<', period.to)
    .whereRaw('due_at + coalesce(clock_offset_ms, 0) >= ?', [settled])
    .whereNotExists(requested)
    .groupBy('sentinel_id')
    .select<Counted[]>('sentinel_id', db.raw('count(*) as count'));
  return new Map(rows.map((row) => [row.sentinel_id, row.count]));
}

async function requestedRuns(db: CustomerDb, monitorId: string, { from, to }: Period): Promise<Map<string, number>> {
  const rows = await db<RequestedRunRow>('requested_runs')
    .where({ monitor_id: monitorId })
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .groupBy('sentinel_id')
    .select<Counted[]>('sentinel_id', db.raw('count(*) as count'));
  return new Map(rows.map((row) => [row.sentinel_id, row.count]));
}
