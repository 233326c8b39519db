import type { Period } from './shapes.ts';

/** What a report leaves out, hour by hour: that is the finest that is kept. */
export interface Exclusions {
  businessOnly: boolean;
  keep(hour: Period): boolean;
  /** Whether a day needs no hour of it looked at, beyond business hours. */
  leavesWhole(day: Period): boolean;
}

export const noExclusions: Exclusions = { businessOnly: false, keep: () => true, leavesWhole: () => true };
