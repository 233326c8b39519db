import type { CustomerRow } from '../../db/registry/rows.ts';
import { archiveSettings } from '../archive/settings.ts';
import type { ServerContext } from '../http/context.ts';
import { calendarOf, usualBusinessHours } from '../rollups/calendar.ts';
import { forgetHours, hoursMayGoUntil } from '../rollups/forget-hours.ts';
import { passFence } from './fence.ts';
import type { JobsLease } from './lease.ts';
import { forEachCustomer, type Job, leasedJob } from './leased-job.ts';

const dayMs = 86_400_000;
const failed = 'figures by the hour could not be removed; they stay, and it will be tried again in a day';

/** Removes figures by the hour that are older than a customer keeps them, once a day while it holds the lease. */
export function forgetHoursJob(server: ServerContext, lease: JobsLease, everyMs = dayMs): Job {
  return leasedJob(server, lease, { everyMs, whenGained: true, failed }, async (turn) => {
    const rows = await server.registry<CustomerRow>('customers');
    const byId = new Map(rows.map((row) => [row.id, row]));
    await forEachCustomer(turn, [...byId.keys()], async (id, fence) => {
      const row = byId.get(id);
      const days = row ? await forgetOf(server, row, fence) : 0;
      if (days > 0) server.log.info({ customer: id, days }, 'figures by the hour were removed; those by the day stay');
    });
  });
}

/** Not while they are made anew by another calendar. */
async function forgetOf(server: ServerContext, row: CustomerRow, fence: number): Promise<number> {
  const { monthsLive, hourMonths } = archiveSettings(row);
  return server.customers.use(row.id, async (db) => {
    const { timeZone, businessHours } = await calendarOf(db);
    const isPresent = timeZone === row.time_zone && businessHours === (row.business_hours ?? usualBusinessHours);
    const before = isPresent ? await hoursMayGoUntil(db, server.now(), monthsLive + hourMonths) : 0;
    return before === 0 ? 0 : forgetHours(db, before, { guard: (trx) => passFence(trx, fence) });
  });
}
