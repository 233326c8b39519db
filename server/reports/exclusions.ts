import type { CustomerDb } from '../../db/customers.ts';
import { businessHours, type Calendar } from '../rollups/calendar.ts';
import { hourFrom, localHour } from '../rollups/local-hours.ts';
import { maintenanceWindows } from './maintenance-windows.ts';
import type { Period } from './shapes.ts';

/** What a report leaves out, hour by hour: that is the finest that is kept. */
export interface Exclusions {
  businessOnly: boolean;
  withoutMaintenance: boolean;
  keep(hour: Period): boolean;
  /** Whether a day needs no hour of it looked at, beyond business hours. */
  leavesWhole(day: Period): boolean;
}

export const noExclusions: Exclusions = {
  ...{ businessOnly: false, withoutMaintenance: false },
  ...{ keep: () => true, leavesWhole: () => true },
};

export interface Wishes {
  businessOnly: boolean;
  withoutMaintenance: boolean;
}

/** What is left out of a monitor's report on a period on request: all but business hours, and hours that touch a maintenance. */
export async function exclusionsOf(
  db: CustomerDb,
  monitorId: string,
  calendar: Calendar,
  period: Period,
  { businessOnly, withoutMaintenance }: Wishes,
): Promise<Exclusions> {
  if (!businessOnly && !withoutMaintenance) return noExclusions;
  const isBusiness = businessOnly ? businessHours(calendar) : () => true;
  const { timeZone } = calendar;
  const wide = { from: localHour(period.from, timeZone).from, to: hourFrom(period.to, timeZone) };
  const windows = withoutMaintenance ? await maintenanceWindows(db, monitorId, wide) : [];
  const isFree = ({ from, to }: Period) => windows.every((window) => window.to <= from || window.from >= to);
  const keep = (hour: Period) => isBusiness(hour.from) && isFree(hour);
  return { businessOnly, withoutMaintenance, keep, leavesWhole: isFree };
}
