import type { CustomerDb } from '../../db/customers.ts';
import { hoursFrom } from '../rollups/kept-hours.ts';
import { Tally } from '../rollups/tally.ts';
import type { WeekAnswer } from './compare-shapes.ts';
import { compared, transactionIdOf } from './compared.ts';
import { gather } from './gather.ts';
import { dayMs } from './period.ts';
import type { Period } from './shapes.ts';
import { boundsOf, mostSteps } from './steps.ts';
import { subjectOf } from './subject.ts';

/** Of a longer period its end is looked at, of what has been: what hours of the week are like changes in the course of a year. */
const longestMs = 56 * dayMs;

/**
 * What each hour of the week was like in the customer's zone, of one transaction or of whole runs. Undefined when the
 * customer has no such monitor.
 */
export async function week(
  db: CustomerDb,
  monitorId: string,
  asked: Period,
  transaction: string | null,
  now: number,
): Promise<WeekAnswer | undefined> {
  const subject = await subjectOf(db, monitorId);
  if (!subject) return undefined;
  const { timeZone } = subject.calendar;
  const to = Math.min(asked.to, now);
  const from = Math.max(asked.from, to - longestMs, await hoursFrom(db, monitorId));
  if (from >= to) return { period: asked, timeZone, transaction, hours: [] };
  const bounds = boundsOf({ from, to }, 'hour', timeZone, mostSteps);
  const transactionIds = [await transactionIdOf(db, monitorId, transaction)];
  const [series] = await gather(db, { ...subject, bounds, by: 'all', transactionIds, now });
  const sums = new Map<number, Tally>();
  for (const [step, tally] of series?.tallies ?? []) {
    const key = hourOfWeek(bounds[step] ?? from, timeZone);
    const sum = sums.get(key) ?? new Tally();
    sums.set(key, sum);
    sum.add(tally);
  }
  const hours = [...sums]
    .sort(([a], [b]) => a - b)
    .map(([key, tally]) => ({ weekday: Math.floor(key / 24), hour: key % 24, ...compared(tally) }))
    .filter(({ passed, failed }) => passed + failed > 0);
  return { period: { from: bounds[0] ?? from, to: bounds.at(-1) ?? to }, timeZone, transaction, hours };
}

/** 0 is the first one of Monday. */
function hourOfWeek(at: number, timeZone: string): number {
  const { dayOfWeek, hour } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return (dayOfWeek - 1) * 24 + hour;
}
