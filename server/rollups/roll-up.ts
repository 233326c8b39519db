import type { CustomerDb } from '../../db/customers.ts';
import { isUnusable } from '../../db/database-unusable.ts';
import { calendarOf } from './calendar.ts';
import { type DirtySpan, dirtySpans } from './dirty-hours.ts';
import { unguarded } from './guard.ts';
import { type Leave, leaveNone } from './leave.ts';
import { planSpans } from './plan-spans.ts';
import { writePlans } from './write-plans.ts';

/**
 * Most marks of spans that are planned and written together: they share one question to a thread and one commit, and neither
 * holds up others for long (some 60 and 20 ms). A span that has more is done by itself.
 */
const marksTogether = 100;

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
  plan: typeof planSpans = planSpans,
  leave: Leave = leaveNone,
): Promise<number> {
  const calendar = await calendarOf(db);
  const done = new Set<string>();
  const left = new Set<string>();
  let hours = 0;
  for (;;) {
    const spans = (await dirtySpans(db, left)).filter((span) => !done.has(nameOf(span)));
    for (const some of portions(spans)) await rollUp(some);
    if (spans.length === 0 || signal?.aborted) return hours;
  }

  /** Where it fails for some together each half is tried by itself, so that one can't spoil the others, unless the database is to blame. */
  async function rollUp(some: readonly DirtySpan[]): Promise<void> {
    const spans = some.filter(({ monitorId }) => !left.has(monitorId));
    if (signal?.aborted || spans.length === 0) return;
    try {
      hours += await writePlans(db, await plan(db, spans, calendar), guard);
      for (const span of spans) done.add(nameOf(span));
    } catch (error) {
      if (spans.length > 1 && !isUnusable(error)) {
        const half = Math.ceil(spans.length / 2);
        await rollUp(spans.slice(0, half));
        await rollUp(spans.slice(half));
        return;
      }
      for (const { monitorId } of spans) {
        leave(monitorId, error);
        left.add(monitorId);
      }
    }
  }
}

/** No two spans of one monitor together: a day of the zone lies in both, and the later plan needs what the earlier one writes. */
function* portions(spans: readonly DirtySpan[]): Generator<DirtySpan[]> {
  let [some, marks]: [DirtySpan[], number] = [[], 0];
  for (const span of spans) {
    const isOneAgain = some.some(({ monitorId }) => monitorId === span.monitorId);
    if (isOneAgain || (some.length > 0 && marks + span.marks > marksTogether)) {
      yield some;
      [some, marks] = [[], 0];
    }
    some.push(span);
    marks += span.marks;
  }
  if (some.length > 0) yield some;
}

function nameOf({ from, monitorId }: DirtySpan): string {
  return `${from} ${monitorId}`;
}
