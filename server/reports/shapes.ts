import { z } from 'zod';
import { HostFacts, Outcome, PageFacts, PageLoad, Schedule, Usage, Uuid } from '../../sentinel/protocol/messages.ts';

/*
 * What the reports answer. Instants are ms since 1970, durations µs, availability and coverage 0 to 1, or null when
 * nothing was counted. `nullable` rather than `optional`: a figure that isn't there is said to be so.
 */

const instant = z.int();
const us = z.int().nonnegative();
const count = z.int().nonnegative();
const share = z.number().min(0).max(1).nullable();

export const Period = z.object({ from: instant, to: instant });
export type Period = z.infer<typeof Period>;

export const MonitorState = z.enum(['up', 'degraded', 'failing', 'noData', 'paused']);
export type MonitorState = z.infer<typeof MonitorState>;

export const Counts = z.object({
  expected: count,
  passed: count,
  failed: count,
  errored: count,
  skipped: count,
  /**
   * The skipped ones by reason. Those that were told as spans: paused, hours, asleep, off, overload, script, storage; those
   * that came and say themselves why: run.
   */
  skippedBy: z.record(z.string(), count),
  lost: count,
});
export type Counts = z.infer<typeof Counts>;

export const TransactionSummary = z.object({
  name: z.string(),
  passed: count,
  failed: count,
  errored: count,
  skipped: count,
  availability: share,
  p50Us: us.nullable(),
  p95Us: us.nullable(),
  lastOutcome: Outcome.nullable(),
  lastErrorCode: z.string().nullable(),
  lastResponseUs: us.nullable(),
});
export type TransactionSummary = z.infer<typeof TransactionSummary>;

export const Trouble = z.object({
  /** Null when the run failed outside any transaction. */
  transaction: z.string().nullable(),
  errorCode: z.string().nullable(),
  message: z.string().nullable(),
  since: instant,
  count,
  locations: z.array(z.string()),
});
export type Trouble = z.infer<typeof Trouble>;

export const StripRun = z.object({
  id: z.string(),
  startedAt: instant,
  outcome: Outcome,
  errorCode: z.string().nullable(),
});
export type StripRun = z.infer<typeof StripRun>;

export const Monitor = z.object({
  id: z.string(),
  name: z.string(),
  script: z.object({ name: z.string(), version: z.int() }),
  /** With a cron expression, the shortest time between two runs. */
  everyMs: z.int(),
  cron: z.string().nullable(),
  /** Hours of a week outside of which nothing is due. */
  hours: z.string().nullable(),
  /** Of the cron expression and the hours; null: UTC. */
  timeZone: z.string().nullable(),
  baseURL: z.string(),
  state: MonitorState,
  /** Since when the state holds, as far as the latest runs tell. */
  since: instant.nullable(),
  availability: share,
  coverage: share,
  counts: Counts,
  /** In the order of the script. */
  transactions: z.array(TransactionSummary),
  lastRun: z.object({ id: z.string(), startedAt: instant, outcome: Outcome }).nullable(),
  /** The latest 40 runs, oldest first. */
  strip: z.array(StripRun),
  /** The current row of failures, if the monitor is failing. */
  trouble: Trouble.nullable(),
});
export type Monitor = z.infer<typeof Monitor>;

export const MonitorsAnswer = z.object({
  period: Period,
  /** How availability is counted, in one sentence. */
  rule: z.string(),
  monitors: z.array(Monitor),
});
export type MonitorsAnswer = z.infer<typeof MonitorsAnswer>;

export const MonitorAnswer = z.object({
  period: Period,
  rule: z.string(),
  monitor: Monitor,
  /** Single runs of before are in the archive (ms); 0: none are. */
  archivedUntil: instant,
});
export type MonitorAnswer = z.infer<typeof MonitorAnswer>;

export const Step = z.enum(['minute', 'hour', 'day', 'week', 'month']);
export type Step = z.infer<typeof Step>;

/** Steps in which a chart shows single points. */
export const ChartStep = Step.extract(['minute', 'hour', 'day']);
export type ChartStep = z.infer<typeof ChartStep>;

export const Point = z.object({
  at: instant,
  passed: count,
  failed: count,
  p50Us: us.nullable(),
  p95Us: us.nullable(),
  minUs: us.nullable(),
  maxUs: us.nullable(),
  meanUs: us.nullable(),
});
export type Point = z.infer<typeof Point>;

export const ResponseTimesAnswer = z.object({
  period: Period,
  /** As asked for, or a longer one where shorter ones are not kept any more. */
  step: ChartStep,
  /** Single results of before are in the archive (ms); 0: none are. */
  archivedUntil: instant,
  /** A step without results has no point: a gap stays a gap. */
  transactions: z.array(
    z.object({
      name: z.string(),
      /** Slower than that is degraded; null: no threshold. */
      thresholdUs: us.nullable(),
      points: z.array(Point),
      /** Each passed one by itself, of at most two hours and 20,000 in all; else of none. */
      results: z.array(z.object({ at: instant, runId: z.string(), responseUs: us })),
    }),
  ),
  /** Whole runs in the same steps. */
  runs: z.array(
    z.object({ at: instant, passed: count, failed: count, errored: count, lost: count, p95Us: us.nullable() }),
  ),
  /** Times of maintenance that have a part in the period. */
  maintenance: z.array(z.object({ from: instant, to: instant, reason: z.string() })),
  failures: z.array(
    z.object({
      at: instant,
      runId: z.string(),
      transaction: z.string().nullable(),
      errorCode: z.string().nullable(),
    }),
  ),
});
export type ResponseTimesAnswer = z.infer<typeof ResponseTimesAnswer>;

/** What a report tells apart. */
export const Group = z.enum(['transaction', 'location', 'sentinel']);
export type Group = z.infer<typeof Group>;

export const ReportPoint = z.object({
  /** The step: [from, to). */
  from: instant,
  to: instant,
  passed: count,
  failed: count,
  errored: count,
  skipped: count,
  availability: share,
  /** Expected = passed + failed + errored + skipped + lost; these four are of whole runs, null and empty for a transaction. */
  expected: count.nullable(),
  lost: count.nullable(),
  /** The skipped ones by reason, as in `Counts`. */
  skippedBy: z.record(z.string(), count),
  coverage: share,
  /** How often each error code came up. */
  errorCodes: z.record(z.string(), count),
  p50Us: us.nullable(),
  p90Us: us.nullable(),
  p95Us: us.nullable(),
  p99Us: us.nullable(),
  meanUs: us.nullable(),
  minUs: us.nullable(),
  maxUs: us.nullable(),
});
export type ReportPoint = z.infer<typeof ReportPoint>;

const named = z.object({ id: z.string(), name: z.string() }).nullable();

export const ReportAnswer = z.object({
  /** Of this page; widened to whole steps. */
  period: Period,
  step: Step,
  timeZone: z.string(),
  /** How figures are counted, and what is left out. */
  rule: z.string(),
  series: z.array(
    z.object({
      /** Null: whole runs. */
      transaction: z.string().nullable(),
      /** Null where places are not told apart. */
      location: named,
      sentinel: named,
      /** A step without results in which nothing was expected has no point. */
      points: z.array(ReportPoint),
    }),
  ),
  /** Cursor for `after`, or null at the end. */
  next: instant.nullable(),
});
export type ReportAnswer = z.infer<typeof ReportAnswer>;

/** Longer ones would hide what is measured for ever; of each week only some hours are hidden. */
const longestMaintenanceMs = 366 * 86_400_000;
const longestWeeklyMs = 10 * longestMaintenanceMs;

export const MaintenanceWish = z
  .object({
    /** Left out: all monitors. */
    monitorId: Uuid.optional(),
    from: instant,
    to: instant,
    /** Of each week in that time, in the customer's time zone, as in `sun 02:00-04:00`. Left out: all of the time. */
    hours: Schedule.shape.hours,
    reason: z.string().trim().min(1).max(500),
  })
  .refine(({ from, to, hours }) => from < to && to - from <= (hours ? longestWeeklyMs : longestMaintenanceMs), {
    path: ['to'],
    error: 'must be after from, by at most 366 days, or ten years with hours',
  });
export type MaintenanceWish = z.infer<typeof MaintenanceWish>;

export const NewMaintenance = z.object({ id: z.string() });
export type NewMaintenance = z.infer<typeof NewMaintenance>;

export const MaintenanceAnswer = z.object({
  maintenance: z.array(
    z.object({
      id: z.string(),
      /** Null: all monitors. */
      monitorId: z.string().nullable(),
      from: instant,
      to: instant,
      /** Of each week in that time, in `timeZone`; null: all of it. */
      hours: z.string().nullable(),
      timeZone: z.string().nullable(),
      reason: z.string(),
      addedBy: z.string(),
      addedAt: instant,
    }),
  ),
  /** Cursor for `before`, or null at the end. */
  next: z.string().nullable(),
});
export type MaintenanceAnswer = z.infer<typeof MaintenanceAnswer>;

/** How a run stands to another that was done at once because the first had failed. */
const retry = {
  /** The failed run that this one confirms or refutes. */
  retryOf: z.string().nullable(),
  /** The run that confirms or refutes this failed one; it may not be here yet. */
  retriedBy: z.string().nullable(),
  /** Whether this run counts in figures and states, or the other one does in its place. */
  counts: z.boolean(),
};

export const RunSummary = z.object({
  id: z.string(),
  ...retry,
  startedAt: instant,
  durationUs: us,
  outcome: Outcome,
  errorCode: z.string().nullable(),
  message: z.string().nullable(),
  /** The one that went wrong. */
  transaction: z.string().nullable(),
  location: z.string(),
  sentinel: z.string(),
  /** Whether one has arrived. */
  screenshot: z.boolean(),
  transactions: z.array(
    z.object({ name: z.string(), outcome: Outcome, startUs: us, durationUs: us, responseUs: us.nullable() }),
  ),
});
export type RunSummary = z.infer<typeof RunSummary>;

export const RunsAnswer = z.object({
  /** Newest first. */
  runs: z.array(RunSummary),
  /** Cursor for `before`, or null at the end. */
  next: z.string().nullable(),
  /** Those of before are in the archive (ms); 0: none are. */
  archivedUntil: instant,
});
export type RunsAnswer = z.infer<typeof RunsAnswer>;

export const ShownError = z.object({
  code: z.string(),
  meaning: z.string(),
  message: z.string(),
  location: z.object({ file: z.string(), line: z.int(), column: z.int() }).nullable(),
  /** The author's lines around that place, the first of them by its number; null where the script can't tell. */
  source: z.object({ from: z.int(), lines: z.array(z.string()) }).nullable(),
});
export type ShownError = z.infer<typeof ShownError>;

export const RunAnswer = z.object({
  id: z.string(),
  ...retry,
  monitor: z.object({ id: z.string(), name: z.string() }),
  sentinel: z.object({ id: z.string(), name: z.string(), location: z.string() }),
  startedAt: instant,
  sentinelStartedAt: instant,
  receivedAt: instant,
  dueAt: instant,
  clockOffsetMs: z.int().nullable(),
  durationUs: us,
  outcome: Outcome,
  reason: z.string().nullable(),
  error: ShownError.nullable(),
  transactions: z.array(
    z.object({
      name: z.string(),
      outcome: Outcome,
      startUs: us,
      durationUs: us,
      responseUs: us.nullable(),
      error: ShownError.nullable(),
      reason: z.string().nullable(),
      pageLoads: z.array(PageLoad),
    }),
  ),
  evidence: z.array(
    z.object({
      kind: z.string(),
      url: z.string(),
      mediaType: z.string(),
      bytes: z.int(),
      width: z.int().nullable(),
      height: z.int().nullable(),
    }),
  ),
  evidenceMissing: z.string().nullable(),
  /** Where a transaction went wrong: the last picture of it that passed, of the same location if there is one. */
  passedPicture: z
    .object({
      ...{ url: z.string(), bytes: z.int(), width: z.int().nullable(), height: z.int().nullable() },
      ...{ takenAt: instant, runId: z.string(), location: z.string(), sentinel: z.string() },
    })
    .nullable(),
  /** Why there is none, if one is looked for: the monitor asks for none, its sentinel allows none, or none has come yet. */
  noPassedPicture: z.enum(['monitor', 'sentinel', 'not yet']).nullable(),
  sandboxLevel: z.int().nullable(),
  browser: z.string().nullable(),
  page: PageFacts.nullable(),
  host: HostFacts.nullable(),
  usage: Usage.nullable(),
  deniedHosts: z.array(z.string()),
  /** The request to run now that it answers, as the answer to that named it. */
  requestId: z.string().nullable(),
  /** Version 0: a draft, in a trial. */
  script: z.object({ name: z.string(), version: z.int(), sha256: z.string() }),
  /** When the transaction that went wrong had last passed, at any location, in the month before. */
  lastPassed: z
    .object({ runId: z.string(), startedAt: instant, location: z.string(), responseUs: us.nullable() })
    .nullable(),
  /** The failures of this kind, if it went wrong and its hour was counted since. */
  failureGroupId: z.int().nullable(),
  previousRunId: z.string().nullable(),
  nextRunId: z.string().nullable(),
  /** Of a month that was brought back from the archive for a time; null: it is in the database. */
  restored: z.object({ month: z.string(), until: instant }).nullable(),
});
export type RunAnswer = z.infer<typeof RunAnswer>;
