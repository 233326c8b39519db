import { dayOf, dayStart } from '../../sentinel/protocol/local-day.ts';
import type { Period } from '../reports/shapes.ts';
import { hourMs } from './hours.ts';

/*
 * Hours of a time zone: they begin when its clocks show a full hour, and anew when its clocks are changed by less than
 * one. So each lies within one day of the zone, and a day of 23 or 25 hours has as many.
 */

/** The last instant there is (ms). */
const last = 8.64e15;

/** The hour in which an instant lies; one that a change of clocks cuts is shorter. */
export function localHour(at: number, timeZone: string): Period {
  const { from, to, offsetMs } = stretchAt(at, timeZone);
  const start = Math.floor((at + offsetMs) / hourMs) * hourMs - offsetMs;
  return { from: Math.max(start, from), to: Math.min(start + hourMs, to) };
}

/** The hours that have a part in [from, to), in order. */
export function localHours({ from, to }: Period, timeZone: string): Period[] {
  const hours: Period[] = [];
  for (let hour = localHour(from, timeZone); hour.from < to; hour = localHour(hour.to, timeZone)) hours.push(hour);
  return hours;
}

/** The first hour's beginning at `at` or later. */
export function hourFrom(at: number, timeZone: string): number {
  const { from, to } = localHour(at, timeZone);
  return from === at ? at : to;
}

/** The day in which an instant lies; without end next to the first and last instants there are, whose days no clock shows. */
export function localDay(at: number, timeZone: string): Period {
  if (Math.abs(at) > last - 3 * 24 * hourMs) return { from: at, to: Number.POSITIVE_INFINITY };
  const day = dayOf(at, timeZone);
  return { from: dayStart(day, timeZone), to: dayStart(day + 1, timeZone) };
}

/** A time in which no clock is changed. */
interface Stretch extends Period {
  offsetMs: number;
}

const stretches = new Map<string, Stretch[]>();

function stretchAt(at: number, timeZone: string): Stretch {
  const known = stretches.get(timeZone) ?? [];
  const found = known.find(({ from, to }) => from <= at && at < to) ?? readStretch(at, timeZone);
  // Whoever asks for one hour asks for its neighbours next.
  if (known[0] !== found) stretches.set(timeZone, [found, ...known.filter((other) => other !== found)]);
  return found;
}

function readStretch(at: number, timeZone: string): Stretch {
  const local = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
  const here = local(at);
  // The one before is looked for from beyond `at`, which may be the very instant of a change.
  const before = local(Math.min(at + 1, last)).getTimeZoneTransition('previous');
  const after = here.getTimeZoneTransition('next');
  return {
    from: before?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    to: after?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs: here.offsetNanoseconds / 1e6,
  };
}
