import type { CustomerDb } from '../../db/customers.ts';
import { calendarOf } from './calendar.ts';
import { type DirtySpan, dirtySpans } from './dirty-hours.ts';
import { unguarded } from './guard.ts';
import { type Leave, leaveNone } from './leave.ts';
import { planSpan } from './plan-span.ts';
import { writePlan } from './write-plan.ts';

/**
 * Recomputes every dirty hour from its rows, the newest first, and with it its day, and returns how many there were. An
 * hour is recomputed whole, so that it doesn't matter when its runs came, nor how often this is done. Stops when `signal`
 * is aborted; what is left stays dirty, and so does what becomes dirty again meanwhile. One call at a time for each
 * database. `plan` may be done elsewhere: it is most of the work, and only reads. A monitor with which it fails is left out
 * from there on, unless `leave` throws.
 */
export async function rollUpDirty(
  db: CustomerDb,
  signal?: AbortSignal,
  guard = unguarded,
  plan: typeof planSpan = planSpan,
  leave: Leave = leaveNone,
): Promise<number> {
  const calendar = await calendarOf(db);
  const done = new Set<string>();
  const left = new Set<string>();
  for (let hours = 0; ; ) {
    const spans = (await dirtySpans(db, left)).filter((span) => !done.has(nameOf(span)));
    for (const span of spans) {
      if (signal?.aborted) return hours;
      if (left.has(span.monitorId)) continue;
      try {
        hours += await writePlan(db, span, await plan(db, span, calendar), guard);
        done.add(nameOf(span));
      } catch (error) {
        leave(span.monitorId, error);
        left.add(span.monitorId);
      }
    }
    if (spans.length === 0) return hours;
  }
}

function nameOf({ from, monitorId }: DirtySpan): string {
  return `${from} ${monitorId}`;
}
