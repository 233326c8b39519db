import type { MaintenanceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { readHours, windows } from '../../sentinel/protocol/hours.ts';
import { dayOf } from '../../sentinel/protocol/local-day.ts';
import type { Period } from './shapes.ts';

export type MaintenanceWindow = Period & { reason: string };

/** When there is maintenance of a monitor in a period, in the order of the times; weekly ones each time they come. */
export async function maintenanceWindows(
  db: CustomerDb,
  monitorId: string,
  period: Period,
): Promise<MaintenanceWindow[]> {
  const rows = await db<MaintenanceRow>('maintenance')
    .where((either) => either.where({ monitor_id: monitorId }).orWhereNull('monitor_id'))
    .where('from_at', '<', period.to)
    .where('to_at', '>', period.from);
  return rows.flatMap((row) => windowsOf(row, period)).sort((a, b) => a.from - b.from);
}

function windowsOf(row: MaintenanceRow, period: Period): MaintenanceWindow[] {
  const { from_at, to_at, hours, time_zone, reason } = row;
  if (hours === null) return [{ from: from_at, to: to_at, reason }];
  const [from, to] = [Math.max(from_at, period.from), Math.min(to_at, period.to)];
  const zone = time_zone ?? 'UTC';
  // The day before too: what begins before midnight may reach into the period.
  const all = windows(readHours(hours), zone, dayOf(from, zone) - 1, dayOf(to, zone));
  return all.flatMap(([begin, end]) => {
    const [first, last] = [Math.max(begin, from_at), Math.min(end, to_at)];
    return first < last && first < to && last > from ? [{ from: first, to: last, reason }] : [];
  });
}
