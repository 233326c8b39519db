import { hourFrom, hourMs, hourOf } from '../rollups/hours.ts';
import type { Period } from './shapes.ts';

export const dayMs = 24 * hourMs;
/** Periods up to this long may read rows. */
export const rowsLimitMs = 48 * hourMs;

export interface Parts {
  /** What the report tells of; wider than what was asked when that was long. */
  period: Period;
  /** Whole hours, read from rollups. */
  hours: Period;
  /** What lies beside them, read from rows. */
  edges: Period[];
}

/**
 * Where a report reads what. Whole hours come from rollups. What a period of less than 48 hours has beyond whole hours,
 * at its two ends, comes from rows; a longer one is widened to whole hours, so that its cost doesn't depend on how many
 * runs there were.
 */
export function partsOf({ from, to }: Period): Parts {
  if (to - from >= rowsLimitMs) {
    const hours = { from: hourOf(from), to: hourFrom(to) };
    return { period: hours, hours, edges: [] };
  }
  const hours = { from: hourFrom(from), to: hourOf(to) };
  if (hours.from > hours.to) return { period: { from, to }, hours: { from, to: from }, edges: [{ from, to }] };
  const edges = [
    { from, to: hours.from },
    { from: hours.to, to },
  ];
  return { period: { from, to }, hours, edges: edges.filter((edge) => edge.from < edge.to) };
}
