import { z } from 'zod';
import { Uuid } from '../../../sentinel/protocol/messages.ts';
import { Period } from '../shapes.ts';

/*
 * What reports for a service manager are made of: a few tables whose rows all have the same fields, so that page, sheet and
 * file show the same. Instants ms since 1970, times µs, shares 0 to 1; null where a figure isn't there or nothing was counted.
 */

const count = z.int().nonnegative();
const us = z.int().nonnegative();
const share = z.number().min(0).max(1);

export const Template = z.enum(['service-level', 'applications', 'locations', 'worst-transactions', 'coverage']);
export type Template = z.infer<typeof Template>;

/** Of which hours figures are: all, or the customer's business hours. */
export const Hours = z.enum(['all', 'business']);
export type Hours = z.infer<typeof Hours>;

export const ServiceRow = z.object({
  /** The time that the row tells of: [from, to). */
  from: z.int(),
  to: z.int(),
  /** Of an application of several monitors: the tag that they have. */
  tag: z.string().nullable(),
  monitor: z.string().nullable(),
  /** Null: whole runs. */
  transaction: z.string().nullable(),
  location: z.string().nullable(),
  hours: Hours,
  passed: count,
  failed: count,
  errored: count,
  /** Expected = passed + failed + errored + skipped + lost; these three and coverage are of whole runs, null for a transaction. */
  skipped: count.nullable(),
  lost: count.nullable(),
  expected: count.nullable(),
  coverage: share.nullable(),
  /** The skipped ones by reason, as in `Counts`. */
  skippedBy: z.record(z.string(), count),
  /** How often each error code came up. */
  codes: z.record(z.string(), count),
  availability: share.nullable(),
  /** At least that was agreed on. */
  availabilityTarget: share.nullable(),
  availabilityMet: z.boolean().nullable(),
  /** Failures that the target allows among as many runs. */
  failuresAllowed: count.nullable(),
  /** Share of the failures allowed that is left; below 0 when there were more. Null where the target allows none. */
  budgetLeft: z.number().nullable(),
  p50Us: us.nullable(),
  p95Us: us.nullable(),
  /** At most that was agreed on. */
  p95TargetUs: us.nullable(),
  p95Met: z.boolean().nullable(),
  /** In the period before, equally long. */
  p95BeforeUs: us.nullable(),
  /** Targets that there are of the monitor, where something was counted, and those of them that are met. */
  targets: count.nullable(),
  targetsMet: count.nullable(),
});
export type ServiceRow = z.infer<typeof ServiceRow>;

/** The fields that tables show, and what their values are. */
export const columnKinds = {
  month: 'month',
  day: 'day',
  tag: 'text',
  monitor: 'text',
  transaction: 'transaction',
  location: 'text',
  hours: 'hours',
  expected: 'count',
  passed: 'count',
  failed: 'count',
  errored: 'count',
  skipped: 'count',
  lost: 'count',
  coverage: 'share',
  availability: 'share',
  availabilityTarget: 'share',
  availabilityMet: 'met',
  failuresAllowed: 'count',
  budgetLeft: 'share',
  p50Us: 'time',
  p95Us: 'time',
  p95TargetUs: 'time',
  p95Met: 'met',
  p95BeforeUs: 'time',
  targets: 'count',
  targetsMet: 'count',
  codes: 'counts',
  skippedBy: 'reasons',
} as const;
export type ColumnName = keyof typeof columnKinds;

const columnNames = z.enum(Object.keys(columnKinds) as [ColumnName, ...ColumnName[]]);
const kinds = z.enum([...new Set(Object.values(columnKinds))] as (typeof columnKinds)[ColumnName][] as [
  'month',
  ...(typeof columnKinds)[ColumnName][],
]);

export const ServiceTable = z.object({
  name: z.enum([
    'tags',
    'monitors',
    'transactions',
    'days',
    'locations',
    'monitorsAtLocation',
    'failing',
    'slowest',
    'coverage',
    'coverageAtLocations',
  ]),
  /** What the whole table is of: a monitor or a location, by name; null: all that was asked for. */
  of: z.string().nullable(),
  /** `month` and `day` tell of `from`. */
  columns: z.array(z.object({ name: columnNames, kind: kinds })),
  rows: z.array(ServiceRow),
});
export type ServiceTable = z.infer<typeof ServiceTable>;

export const ServiceReport = z.object({
  template: Template,
  customer: z.string(),
  /** As it was asked for: `2026-10`, `2026-Q4`, `2026`, or `2026-10-05..2026-10-20`. */
  calendarPeriod: z.string(),
  period: Period,
  /** Until when it was counted: before the end of a period that isn't over. */
  until: z.int(),
  timeZone: z.string(),
  /** Which they are, in that time zone. */
  businessHours: z.string(),
  hours: Hours,
  maintenance: z.enum(['included', 'excluded']),
  /** How figures are counted, and what is left out. */
  rule: z.string(),
  /** Those that the report is of, by name, of all that there are. */
  monitors: z.array(z.object({ id: Uuid, name: z.string(), tags: z.array(z.string()), chosen: z.boolean() })),
  /** Of whole runs of all of them. */
  whole: ServiceRow,
  tables: z.array(ServiceTable),
  /** The picture that heads it, as a data: address. */
  logo: z.string().nullable(),
});
export type ServiceReport = z.infer<typeof ServiceReport>;

const target = {
  hours: Hours,
  /** At least; null: nothing was agreed on. */
  availability: share.nullable(),
  /** At most. */
  p95Us: us.max(86_400_000_000).nullable(),
};

/** Nothing agreed on for either takes the target away. */
export const TargetWish = z.object({ transaction: z.string().nullable(), ...target });
export type TargetWish = z.infer<typeof TargetWish>;

export const TargetsAnswer = z.object({
  monitors: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** Whole runs first, then in the order of the script. */
      transactions: z.array(
        z.object({
          transaction: z.string().nullable(),
          target: z.object({ ...target, changedBy: z.string(), changedAt: z.int() }).nullable(),
        }),
      ),
    }),
  ),
  logo: z.string().nullable(),
});
export type TargetsAnswer = z.infer<typeof TargetsAnswer>;
