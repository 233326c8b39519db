import { z } from 'zod';
import { Period, RunSummary } from './shapes.ts';

/* Failures by signature. Instants are ms since 1970; counts are of runs. */

const instant = z.int();
const count = z.int().nonnegative();
const named = z.object({ id: z.string(), name: z.string() });

export const FailureGroup = z.object({
  id: z.int(),
  monitor: named,
  /** Null when the runs went wrong outside any transaction. */
  transaction: z.string().nullable(),
  code: z.string(),
  /** `failed` is the application's fault, `errored` ours. */
  outcome: z.enum(['failed', 'errored']),
  /** What the messages have in common: numbers, ids and what stands in quotes are replaced by signs. */
  message: z.string(),
  /** In the period. */
  count,
  /** The first of all, also before the period; null once it is nowhere kept. */
  firstAt: instant.nullable(),
  /** The last in the period; null if there is none in it. */
  lastAt: instant.nullable(),
  /** By name. */
  locations: z.array(z.string()),
  /** How often, in 24 equal parts of the period. */
  parts: z.array(count),
  /** The newest run in the period. */
  lastRunId: z.string().nullable(),
});
export type FailureGroup = z.infer<typeof FailureGroup>;

export const FailuresAnswer = z.object({
  /** Widened to whole hours. */
  period: Period,
  /** Those that failed last first. */
  groups: z.array(FailureGroup),
  /** How many groups there are, shown or not. */
  total: count,
  /** What came up in the period, to choose from: all of it, whatever was chosen. */
  monitors: z.array(named),
  locations: z.array(named),
  codes: z.array(z.string()),
});
export type FailuresAnswer = z.infer<typeof FailuresAnswer>;

export const FailureGroupAnswer = z.object({
  period: Period,
  group: FailureGroup,
  /** Newest first; those that are still kept. */
  runs: z.array(RunSummary),
  /** Cursor for `before`, or null at the end. */
  next: z.string().nullable(),
});
export type FailureGroupAnswer = z.infer<typeof FailureGroupAnswer>;
