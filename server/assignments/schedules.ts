import { z } from 'zod';
import type { MonitorRow, MonitorScheduleRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { Schedule } from '../../sentinel/protocol/messages.ts';
import { nextDueAt } from '../../sentinel/protocol/schedule.ts';

/** What is asked of a monitor's schedule: an interval or a cron expression, and hours. */
export const schedulePart = {
  everyMs: Schedule.shape.everyMs.optional(),
  cron: Schedule.shape.cron,
  hours: Schedule.shape.hours,
  timeZone: Schedule.shape.timeZone,
};
const Part = z.object(schedulePart);
export type SchedulePart = z.output<typeof Part>;

type Columns = Pick<MonitorRow, 'every_ms' | 'cron' | 'hours' | 'time_zone' | 'paused'>;

export function scheduleOf({ every_ms, cron, hours, time_zone }: Omit<Columns, 'paused'>): Schedule {
  return {
    everyMs: every_ms,
    ...(cron !== null && { cron }),
    ...(hours !== null && { hours }),
    ...(time_zone !== null && { timeZone: time_zone }),
  };
}

/** The columns of a schedule. With a cron expression the interval is the shortest between two of its coming times. */
export function scheduleColumns(
  { everyMs, cron, hours, timeZone }: SchedulePart,
  now: number,
): Omit<Columns, 'paused'> {
  const every_ms = cron === undefined ? (everyMs ?? 0) : shortestGap({ everyMs: 0, cron, hours, timeZone }, now);
  return { every_ms, cron: cron ?? null, hours: hours ?? null, time_zone: timeZone ?? null };
}

/** What does not fit together in a schedule, by its place; none if all does. */
export function scheduleFault({ everyMs, cron, hours, timeZone }: SchedulePart): string | undefined {
  if (cron === undefined && everyMs === undefined) return 'everyMs: say how often it runs, or give a cron expression';
  if (cron !== undefined && everyMs !== undefined)
    return 'cron: stands in the place of an interval; give one of the two';
  if (timeZone !== undefined && !needsZone({ cron, hours }))
    return 'timeZone: an interval is the same everywhere; give it with a cron expression or hours';
  if (cron === undefined || Number.isFinite(nextDueAt({ everyMs: 0, cron, hours, timeZone }, 0, 0))) return undefined;
  return 'hours: the cron expression never comes within them';
}

/** Whether a schedule goes by the clock on some wall. */
export function needsZone({ cron, hours }: SchedulePart): boolean {
  return cron !== undefined || hours !== undefined;
}

const [shortest, longest] = [60_000, 86_400_000];

function shortestGap(schedule: Schedule, now: number): number {
  let [gap, at] = [longest, nextDueAt(schedule, 0, now)];
  // One that comes very seldom has no other time in sight.
  for (let i = 0; i < 50 && Number.isFinite(at); i++) {
    const next = nextDueAt(schedule, 0, at);
    gap = Math.min(gap, next - at);
    at = next;
  }
  return Math.max(shortest, gap);
}

/** Writes down by what schedule a monitor runs from `at` (ms) on, if it is another than before. */
export async function noteSchedule(db: CustomerDb, monitorId: string, columns: Columns, at: number): Promise<void> {
  const { every_ms, cron, hours, time_zone, paused } = columns;
  const row: MonitorScheduleRow = { monitor_id: monitorId, from_at: at, every_ms, cron, hours, time_zone, paused };
  const last = await db<MonitorScheduleRow>('monitor_schedules')
    .where({ monitor_id: monitorId })
    .orderBy('from_at', 'desc')
    .first();
  if (last && JSON.stringify({ ...row, from_at: 0 }) === JSON.stringify({ ...row, ...last, from_at: 0 })) return;
  await db('monitor_schedules').insert(row).onConflict(['monitor_id', 'from_at']).merge();
}

/** A stretch of time in which one schedule held for a monitor. */
export interface Era {
  /** ms; it ends where the next one begins. */
  from: number;
  schedule: Schedule;
  paused: boolean;
}

/**
 * The eras of each monitor, or of those of `monitorIds` alone, oldest first; of one that nothing was written down of, as
 * it is now.
 */
export async function eras(db: CustomerDb, monitorIds?: readonly string[]): Promise<(monitor: MonitorRow) => Era[]> {
  const all = db<MonitorScheduleRow>('monitor_schedules').orderBy('from_at');
  const rows = await (monitorIds ? all.whereIn('monitor_id', monitorIds) : all);
  const known = Map.groupBy(rows, (row) => row.monitor_id);
  return (monitor) => {
    const own = known.get(monitor.id) ?? [{ ...monitor, from_at: monitor.created_at }];
    return own.map((row) => ({ from: row.from_at, schedule: scheduleOf(row), paused: row.paused !== 0 }));
  };
}
