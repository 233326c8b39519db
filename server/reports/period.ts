import { hourMs } from '../rollups/hours.ts';
import { hourFrom, localHour } from '../rollups/local-hours.ts';
import type { Period } from './shapes.ts';

export const dayMs = 24 * hourMs;
/** As much as this of a report may be read from rows. */
export const rowsLimitMs = 48 * hourMs;

/**
 * What a report of [from, to) tells of: a long one of whole hours, so that its cost doesn't depend on how many runs there
 * were, and so is one of time before `archivedUntil` (ms), of which the hours alone are here.
 */
export function toldPeriod({ from, to }: Period, timeZone: string, archivedUntil: number): Period {
  if (to - from < rowsLimitMs && from >= archivedUntil) return { from, to };
  return { from: localHour(from, timeZone).from, to: hourFrom(to, timeZone) };
}
