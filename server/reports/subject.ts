import type { CustomerDb } from '../../db/customers.ts';
import { type Calendar, calendarOf } from '../rollups/calendar.ts';
import { type Watched, watchedMonitors } from '../rollups/watched.ts';

/** What every report of one monitor needs. */
export interface Subject {
  watched: Watched;
  calendar: Calendar;
}

/** The monitor, by which calendar its rollups were made; undefined when the customer has no such. */
export async function subjectOf(db: CustomerDb, monitorId: string): Promise<Subject | undefined> {
  const watched = (await watchedMonitors(db, [monitorId])).get(monitorId);
  return watched && { watched, calendar: await calendarOf(db) };
}
