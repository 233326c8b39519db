import type { ClosedHoursRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { localHour } from './local-hours.ts';
import { together } from './together.ts';
import type { Watched } from './watched.ts';

/** The instant up to which a monitor's hours are closed; where none is, when the first hour began in which it could run. */
export async function closedUntil(db: CustomerDb, watched: Watched, timeZone: string): Promise<number> {
  const until = (await closedOf(db, watched.monitor.id)).get(watched.monitor.id);
  return until ?? localHour(firstRunFrom(watched), timeZone).from;
}

const closedOf = together(async (db, monitorIds: readonly string[]) => {
  const rows = await db<ClosedHoursRow>('closed_hours').whereIn('monitor_id', monitorIds);
  return new Map(rows.map(({ monitor_id, until }) => [monitor_id, until]));
});

function firstRunFrom({ monitor, eras, sentinels }: Watched): number {
  const made = eras[0]?.from ?? monitor.created_at;
  const enrolled = sentinels.map((sentinel) => sentinel.enrolled_at);
  return enrolled.length === 0 ? made : Math.max(made, Math.min(...enrolled));
}
