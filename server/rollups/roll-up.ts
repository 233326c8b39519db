import { atomically } from '../../db/atomically.ts';
import type { DirtyHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { businessHours, type Calendar, calendarOf } from './calendar.ts';
import { closedUntil } from './closed-until.ts';
import { type DirtySpan, dirtyIn, dirtySpans, unmark } from './dirty-hours.ts';
import { type Guard, unguarded } from './guard.ts';
import { hourMs } from './hours.ts';
import { localDay, localHours } from './local-hours.ts';
import { rollUpDay } from './roll-up-day.ts';
import { rollUpHour } from './roll-up-hour.ts';
import { type Watched, watchedMonitors } from './watched.ts';

/**
 * Recomputes every dirty hour from its rows, the newest first, and with it its day, and returns how many there were. An
 * hour is recomputed whole, so that it doesn't matter when its runs came, nor how often this is done. Stops when `signal`
 * is aborted; what is left stays dirty, and so does what becomes dirty again meanwhile.
 */
export async function rollUpDirty(db: CustomerDb, signal?: AbortSignal, guard = unguarded): Promise<number> {
  const calendar = await calendarOf(db);
  const done = new Set<string>();
  for (let hours = 0; ; ) {
    const spans = (await dirtySpans(db)).filter((span) => !done.has(nameOf(span)));
    for (const span of spans) {
      if (signal?.aborted) return hours;
      hours += await rollUpSpan(db, span, calendar, guard);
      done.add(nameOf(span));
    }
    if (spans.length === 0) return hours;
  }
}

function nameOf({ from, monitorId }: DirtySpan): string {
  return `${from} ${monitorId}`;
}

/** Rows and marks change in one transaction: after a crash an hour is either rolled up or still dirty. */
function rollUpSpan(db: CustomerDb, span: DirtySpan, calendar: Calendar, guard: Guard): Promise<number> {
  return atomically(db, async (trx) => {
    await guard(trx);
    const marks = await dirtyIn(trx, span);
    const watched = (await watchedMonitors(trx, span.monitorId)).get(span.monitorId);
    if (watched) await recompute(trx, watched, marks, calendar);
    for (const mark of marks) await unmark(trx, mark);
    return marks.length;
  });
}

async function recompute(db: CustomerDb, watched: Watched, marks: readonly DirtyHourRow[], calendar: Calendar) {
  const { timeZone } = calendar;
  const closed = await closedUntil(db, watched, timeZone);
  const hours = new Map<number, { to: number; sentinels: Set<string> }>();
  for (const { hour, sentinel_id } of marks) {
    for (const { from, to } of localHours({ from: hour, to: hour + hourMs }, timeZone)) {
      const entry = hours.get(from) ?? { to, sentinels: new Set() };
      hours.set(from, entry);
      entry.sentinels.add(sentinel_id);
    }
  }
  const days = new Map<number, number>();
  for (const [from, { to, sentinels }] of hours) {
    await rollUpHour(db, watched, { from, to }, sentinels, to <= closed ? 'closed' : 'open');
    const day = localDay(from, timeZone);
    days.set(day.from, day.to);
  }
  const isBusiness = businessHours(calendar);
  for (const [from, to] of days) if (to <= closed) await rollUpDay(db, watched.monitor.id, { from, to }, isBusiness);
}
