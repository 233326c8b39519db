import { z } from 'zod';
import { MonitorState, Trouble } from './shapes.ts';

/* What the overview answers: all monitors over the last 24 hours. Instants are ms since 1970, times µs, shares 0 to 1. */

const instant = z.int();
const count = z.int().nonnegative();
const us = z.int().nonnegative();
const share = z.number().min(0).max(1).nullable();
const named = z.object({ id: z.string(), name: z.string() });

/** Hour by hour, in the order of the answer's `hours`. One without any run is a gap. */
export const HourStrip = z.object({
  passed: z.array(count),
  failed: z.array(count),
  errored: z.array(count),
  /** How long passed runs took. */
  p95Us: z.array(us.nullable()),
  /** Whether runs or transactions were slower than the monitor's thresholds, or without any, than is usual for it. */
  slow: z.array(z.boolean()),
});
export type HourStrip = z.infer<typeof HourStrip>;

const figures = {
  state: MonitorState,
  availability: share,
  coverage: share,
  /** How long passed runs took. */
  p95Us: us.nullable(),
  /** The same in the same 24 hours a week before. */
  p95BeforeUs: us.nullable(),
};

export const OverviewPlace = z.object({ locationId: z.string(), ...figures, strip: HourStrip });
export type OverviewPlace = z.infer<typeof OverviewPlace>;

export const OverviewMonitor = z.object({
  id: z.string(),
  name: z.string(),
  script: z.string(),
  tags: z.array(z.string()),
  ...figures,
  /** Since when the state holds, as far as the latest runs tell. */
  since: instant.nullable(),
  /** The current row of failures, if the monitor is failing. */
  trouble: Trouble.nullable(),
  /** Where a sentinel runs it, or did in these hours; in the order of `locations`. */
  places: z.array(OverviewPlace),
});
export type OverviewMonitor = z.infer<typeof OverviewMonitor>;

export const OverviewAnswer = z.object({
  /** How availability is counted, in one sentence. */
  rule: z.string(),
  /** When each of the 24 hours begins; the last one is the present one. */
  hours: z.array(instant),
  /** Those that come up below, by name. */
  locations: z.array(named),
  /** By name. */
  monitors: z.array(OverviewMonitor),
});
export type OverviewAnswer = z.infer<typeof OverviewAnswer>;
