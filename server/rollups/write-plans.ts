import { atomically } from '../../db/atomically.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { dirtyIn, unmark } from './dirty-hours.ts';
import { writeFailures } from './failures-of-hour.ts';
import type { Guard } from './guard.ts';
import type { PlannedMark, SpanPlan } from './plan-spans.ts';
import { writeDay } from './roll-up-day.ts';
import { writeHour } from './roll-up-hour.ts';

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
  const [current, old] = sortOut(marks, await dirtyIn(trx, span));
  const isOld = new Set(old.flatMap(({ hours, sentinel_id }) => hours.map((hour) => `${hour} ${sentinel_id}`)));
  const oldHours = new Set(old.flatMap(({ hours }) => hours));
  for (const { hour, sentinels, rows, failures } of hours) {
    const some = new Set([...sentinels].filter((id) => !isOld.has(`${hour} ${id}`)));
    const fresh = rows.filter(({ sentinel_id }) => some.has(sentinel_id));
    if (some.size === 0) continue;
    const place = { monitor_id: span.monitorId, hour };
    await writeHour(trx, place, some, fresh);
    await writeFailures(
      trx,
      place,
      some,
      failures.filter(({ sentinel_id }) => some.has(sentinel_id)),
    );
  }
  // One with an hour that is left out is made when that hour is.
  for (const { day, hours, rows } of days)
    if (!hours.some((hour) => oldHours.has(hour))) await writeDay(trx, span.monitorId, day, rows);
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
