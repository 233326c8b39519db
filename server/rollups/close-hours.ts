import { atomically } from '../../db/atomically.ts';
import type { ClosedHoursRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Period } from '../reports/shapes.ts';
import { businessHours, type Calendar, calendarOf } from './calendar.ts';
import { closedUntil } from './closed-until.ts';
import { settledUntil } from './coverage.ts';
import { type Guard, unguarded } from './guard.ts';
import { hoursFrom } from './kept-hours.ts';
import { type Leave, leaveNone } from './leave.ts';
import { localDay, localHour, localHours } from './local-hours.ts';
import { dayRows, hoursBetween, writeDay } from './roll-up-day.ts';
import { hourRowsIn, writeHours } from './roll-up-hour.ts';
import { sealedHours } from './sealed-hours.ts';
import { type Watched, watchedMonitors } from './watched.ts';

/**
 * Closes the hours of every monitor whose runs should all be here at `now` (ms): what was expected in them is written
 * down, also where no run came, and days that are complete are made of their hours. Stops when `signal` is aborted, and
 * goes on from there the next time. A monitor with which it fails is left out, unless `leave` throws.
 */
export async function closeHours(
  db: CustomerDb,
  now: number,
  signal?: AbortSignal,
  guard = unguarded,
  leave: Leave = leaveNone,
): Promise<void> {
  const calendar = await calendarOf(db);
  // All at once: one by one each would wait for its turn of the loop, in line behind ingest.
  const all = await Promise.all(
    [...(await watchedMonitors(db)).values()].map(async (watched) => {
      return { watched, closed: await closedUntil(db, watched, calendar.timeZone) };
    }),
  );
  for (const { watched, closed } of all) {
    const settled = settledUntil(watched.monitor, now);
    let until = closed;
    try {
      while (!signal?.aborted && localHour(until, calendar.timeZone).to <= settled) {
        await closeSome(db, watched, { from: until, to: settled }, calendar, guard);
        until = await closedUntil(db, watched, calendar.timeZone);
      }
    } catch (error) {
      leave(watched.monitor.id, error);
    }
  }
}

/** The hours that end in the period, at most to the end of a day. */
function closeSome(
  db: CustomerDb,
  watched: Watched,
  { from, to }: Period,
  calendar: Calendar,
  guard: Guard,
): Promise<void> {
  return atomically(db, async (trx) => {
    await guard(trx);
    // Another server may have done it meanwhile: of two that close at once, this lets one go first.
    if ((await closedUntil(trx, watched, calendar.timeZone)) !== from) return;
    const day = localDay(from, calendar.timeZone);
    const hours = localHours({ from, to: Math.min(to, day.to) }, calendar.timeZone).filter((hour) => hour.to <= to);
    const monitor_id = watched.monitor.id;
    const isSealed = await sealedHours(trx, [monitor_id], { from, to: day.to });
    const rowsOf = await hourRowsIn(trx, watched, { from, to: day.to });
    for (const hour of hours) {
      const open = watched.sentinels.filter(({ id }) => !isSealed({ ...hour, monitorId: monitor_id, sentinelId: id }));
      const sentinels = new Set(open.map(({ id }) => id));
      if (sentinels.size === 0) continue;
      const rows = await rowsOf(hour, sentinels, 'closing');
      await writeHours(trx, { monitor_id, hours: [hour.from], sentinels }, rows);
    }
    const until = hours.at(-1)?.to ?? from;
    const row: ClosedHoursRow = { monitor_id, until };
    await trx('closed_hours').insert(row).onConflict('monitor_id').merge();
    if (until < day.to || day.from < (await hoursFrom(trx, monitor_id))) return;
    const whole = await hoursBetween(trx, monitor_id, day);
    await writeDay(trx, monitor_id, day.from, dayRows(whole, monitor_id, day, businessHours(calendar)));
  });
}
