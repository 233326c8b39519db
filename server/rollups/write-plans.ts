import { atomically } from '../../db/atomically.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { dirtyIn, unmark } from './dirty-hours.ts';
import { writeFailures } from './failures-of-hour.ts';
import type { Guard } from './guard.ts';
import { ofSameSentinels } from './hours.ts';
import { type PlannedMark, type SpanPlan, sentinelsByHour } from './plan-spans.ts';
import { writeDay } from './roll-up-day.ts';
import { writeHours } from './roll-up-hour.ts';

/**
 * Writes what was planned for spans, and takes their marks off, in one transaction: after a crash an hour is either rolled
 * up or still dirty. Hours that were marked again since are left to the next plan. Returns how many marks it took off.
 */
export function writePlans(db: CustomerDb, plans: readonly SpanPlan[], guard: Guard): Promise<number> {
  return atomically(db, async (trx) => {
    await guard(trx);
    let taken = 0;
    for (const plan of plans) taken += await writePlan(trx, plan);
    return taken;
  });
}

async function writePlan(trx: CustomerDb, { span, marks, hours, days }: SpanPlan): Promise<number> {
  const [current, raised] = sortOut(marks, await dirtyIn(trx, span));
  const old = sentinelsByHour(raised);
  const isOld = (hour: number) => old.get(hour) ?? new Set();
  const fresh = hours.map((hour) => ({ ...hour, sentinels: hour.sentinels.difference(isOld(hour.hour)) }));
  for (const { sentinels, hours } of ofSameSentinels(fresh)) {
    const isFresh = (row: { sentinel_id: string }) => sentinels.has(row.sentinel_id);
    const place = { monitor_id: span.monitorId, hours: hours.map(({ hour }) => hour), sentinels };
    const rows = hours.flatMap((hour) => hour.rows.filter(isFresh));
    await writeHours(trx, place, rows);
    const failures = hours.flatMap((hour) => hour.failures.filter(isFresh));
    await writeFailures(trx, place, failures);
  }
  // One with an hour that is left out is made when that hour is.
  for (const { day, hours, rows } of days)
    if (!hours.some((hour) => old.has(hour))) await writeDay(trx, span.monitorId, day, rows);
  await unmark(trx, span, current);
  return current.length;
}

/** Marks that stand as they did when the plan was begun, and those that do not. */
function sortOut(
  planned: readonly PlannedMark[],
  now: readonly Omit<PlannedMark, 'hours'>[],
): [PlannedMark[], PlannedMark[]] {
  const marks = new Map(now.map((mark) => [`${mark.hour} ${mark.sentinel_id}`, mark.marks]));
  const isCurrent = (mark: PlannedMark) => marks.get(`${mark.hour} ${mark.sentinel_id}`) === mark.marks;
  return [planned.filter(isCurrent), planned.filter((mark) => !isCurrent(mark))];
}
