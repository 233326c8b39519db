import type { MaintenanceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { businessHours, type Calendar } from '../rollups/calendar.ts';
import type { Period } from './shapes.ts';

/** What a report leaves out, hour by hour: that is the finest that is kept. */
export interface Exclusions {
  businessOnly: boolean;
  keep(hour: Period): boolean;
  /** Whether a day needs no hour of it looked at, beyond business hours. */
  leavesWhole(day: Period): boolean;
}

export const noExclusions: Exclusions = { businessOnly: false, keep: () => true, leavesWhole: () => true };

export interface Wishes {
  businessOnly: boolean;
  withoutMaintenance: boolean;
}

/** What is left out of a monitor's report on request: all but business hours, and hours that touch a maintenance. */
export async function exclusionsOf(
  db: CustomerDb,
  monitorId: string,
  calendar: Calendar,
  { businessOnly, withoutMaintenance }: Wishes,
): Promise<Exclusions> {
  if (!businessOnly && !withoutMaintenance) return noExclusions;
  const isBusiness = businessOnly ? businessHours(calendar) : () => true;
  const windows = withoutMaintenance ? await maintenanceOf(db, monitorId) : [];
  const isFree = ({ from, to }: Period) => windows.every(({ from_at, to_at }) => to_at <= from || from_at >= to);
  return { businessOnly, keep: (hour) => isBusiness(hour.from) && isFree(hour), leavesWhole: isFree };
}

function maintenanceOf(db: CustomerDb, monitorId: string): Promise<MaintenanceRow[]> {
  return db<MaintenanceRow>('maintenance').where((either) =>
    either.where({ monitor_id: monitorId }).orWhereNull('monitor_id'),
  );
}
