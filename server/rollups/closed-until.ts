import type { ClosedHoursRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { localHour } from './local-hours.ts';
import type { Watched } from './watched.ts';

/** The instant up to which a monitor's hours are closed; where none is, when the first hour began in which it could run. */
export async function closedUntil(db: CustomerDb, watched: Watched, timeZone: string): Promise<number> {
  const row = await db<ClosedHoursRow>('closed_hours').where({ monitor_id: watched.monitor.id }).first();
  return row?.until ?? localHour(firstRunFrom(watched), timeZone).from;
}

function firstRunFrom({ monitor, eras, sentinels }: Watched): number {
  const made = eras[0]?.from ?? monitor.created_at;
  const enrolled = sentinels.map((sentinel) => sentinel.enrolled_at);
  return enrolled.length === 0 ? made : Math.max(made, Math.min(...enrolled));
}
