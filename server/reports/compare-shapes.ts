import { z } from 'zod';
import { Period } from './shapes.ts';

/* What the page of one monitor compares: hours of the week, and locations. Times µs, shares 0 to 1, null where nothing was counted. */

const count = z.int().nonnegative();
const us = z.int().nonnegative();
const share = z.number().min(0).max(1).nullable();

const figures = {
  passed: count,
  failed: count,
  availability: share,
  p50Us: us.nullable(),
  p95Us: us.nullable(),
};

export const WeekAnswer = z.object({
  /** What was looked at: of long periods the last eight weeks. */
  period: Period,
  timeZone: z.string(),
  /** Null: whole runs. */
  transaction: z.string().nullable(),
  /** Hours of the week in which something passed or failed. */
  hours: z.array(
    z.object({
      /** 0 is Monday. */
      weekday: z.int().min(0).max(6),
      hour: z.int().min(0).max(23),
      ...figures,
    }),
  ),
});
export type WeekAnswer = z.infer<typeof WeekAnswer>;

export const LocationsAnswer = z.object({
  period: Period,
  /** Null: whole runs. */
  transaction: z.string().nullable(),
  /** By name. */
  locations: z.array(z.object({ id: z.string(), name: z.string(), ...figures })),
});
export type LocationsAnswer = z.infer<typeof LocationsAnswer>;
