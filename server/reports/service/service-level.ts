import type { TargetRow } from '../../../db/customer/rows.ts';
import { Tally } from '../../rollups/tally.ts';
import type { Watched } from '../../rollups/watched.ts';
import { dayMs } from '../period.ts';
import type { Period, Step } from '../shapes.ts';
import { boundsOf, mostSteps } from '../steps.ts';
import { type Ground, tallies, transactionsOf } from './ground.ts';
import { rowOf, tableOf, targetsIn } from './row.ts';
import type { ColumnName, ServiceRow, ServiceTable } from './shapes.ts';
import { targetsOf } from './targets.ts';

const summary = [
  'monitor',
  'availability',
  'coverage',
  'passed',
  'failed',
  'p50Us',
  'p95Us',
  'targetsMet',
  'targets',
] as const;
const details = [
  'transaction',
  'hours',
  'passed',
  'failed',
  'availability',
  'availabilityTarget',
  'availabilityMet',
  'failuresAllowed',
  'budgetLeft',
  'p50Us',
  'p95Us',
  'p95TargetUs',
  'p95Met',
] as const;
const daily = ['day', 'passed', 'failed', 'availability', 'coverage', 'p95Us'] as const;

/** Longer ones are told by the week. */
const mostDays = 100;

/** Month by month how each transaction did, and whether what was agreed on was met. */
export async function serviceLevel(ground: Ground): Promise<ServiceTable[]> {
  const months = monthsIn(ground);
  const withMonth = (columns: readonly ColumnName[]) =>
    months.length > 1 ? (['month', ...columns] as const) : columns;
  const wholes: ServiceRow[] = [];
  const tables: ServiceTable[] = [];
  for (const watched of ground.watched) {
    const { name } = watched.monitor;
    const byMonth = (await monthsOf(ground, watched, months)).filter(
      (rows) => months.length === 1 || rows.some(isOfSomething),
    );
    wholes.push(...byMonth.map((rows) => wholeOf(rows, name, ground)));
    tables.push(tableOf('transactions', name, withMonth(details), byMonth.flat()));
    tables.push(tableOf('days', name, daily, await daysOf(ground, watched)));
  }
  return [tableOf('monitors', null, withMonth(summary), wholes), ...tables];
}

/** The months of a period that is made of some; else the period is told as one. */
function monthsIn(ground: Ground): Period[] {
  const { period, calendar } = ground;
  const bounds = boundsOf(period, 'month', calendar.timeZone, mostSteps);
  const isWhole = bounds[0] === period.from && bounds.at(-1) === period.to;
  return isWhole ? cut(ground, 'month') : [period];
}

/** Parts of the period, each of a month or day of the customer's, at its ends of what lies in it. */
function cut({ period: { from, to }, calendar }: Ground, step: Step): Period[] {
  const bounds = boundsOf({ from, to }, step, calendar.timeZone, mostSteps);
  return bounds.slice(0, -1).map((begin, i) => ({
    from: Math.max(begin, from),
    to: Math.min(bounds[i + 1] ?? to, to),
  }));
}

function boundsIn(parts: readonly Period[]): number[] {
  return [...parts.map(({ from }) => from), parts.at(-1)?.to ?? 0];
}

/** Of each month a row for whole runs and one for each transaction that came up, each of the hours of its target. */
async function monthsOf(ground: Ground, watched: Watched, months: readonly Period[]): Promise<ServiceRow[][]> {
  const targets = await targetsOf(ground.db, watched.monitor.id);
  const usual = await tallies(ground, watched, { bounds: boundsIn(months) });
  const others = [...targets.values()].filter(({ hours }) => hours !== ground.hours);
  const unusual = await otherHours(ground, watched, months, others);
  const subjects = [{ id: 0, name: undefined }, ...(await transactionsOf(ground, watched))];
  return months.map((period, step) =>
    subjects.flatMap(({ id, name }) => {
      const target = targets.get(id);
      const hours = target?.hours ?? ground.hours;
      const tally = (hours === ground.hours ? usual : unusual)(id, { step });
      const isThere = id === 0 || target !== undefined || tally.figures.passed + tally.figures.failed > 0;
      return isThere ? [rowOf(tally, { period, hours, monitor: watched.monitor.name, transaction: name, target })] : [];
    }),
  );
}

/** A month before there was the monitor, or that is still to come, is no row. */
function isOfSomething({ passed, failed, errored, expected }: ServiceRow): boolean {
  return passed + failed + errored + (expected ?? 0) > 0;
}

async function otherHours(
  ground: Ground,
  watched: Watched,
  months: readonly Period[],
  targets: readonly TargetRow[],
): Promise<Awaited<ReturnType<typeof tallies>>> {
  const hours = targets[0]?.hours;
  if (hours === undefined) return () => new Tally();
  const transactionIds = targets.map(({ transaction_id }) => transaction_id);
  return tallies(ground, watched, { bounds: boundsIn(months), transactionIds, hours });
}

/** A month's row for the monitor, with how many of its targets were met. */
function wholeOf(rows: readonly ServiceRow[], monitor: string, { period, hours }: Ground): ServiceRow {
  const whole = rows.find(({ transaction }) => transaction === null);
  return { ...(whole ?? rowOf(new Tally(), { period, hours, monitor })), ...targetsIn(rows) };
}

async function daysOf(ground: Ground, watched: Watched): Promise<ServiceRow[]> {
  const { from, to } = ground.period;
  const days = cut(ground, to - from <= mostDays * dayMs ? 'day' : 'week').filter((day) => day.from < ground.now);
  const tally = await tallies(ground, watched, { bounds: boundsIn(days), transactionIds: [0] });
  const { hours } = ground;
  return days.map((period, step) => rowOf(tally(0, { step }), { period, hours, monitor: watched.monitor.name }));
}
