import type { DayRollupRow, DirtyHourRow, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { businessHours, type Calendar } from './calendar.ts';
import { closedUntil } from './closed-until.ts';
import { type DirtySpan, dirtyIn } from './dirty-hours.ts';
import { failuresOf, type HourOfFailures } from './failures-of-hour.ts';
import { hourMs } from './hours.ts';
import { hoursFrom } from './kept-hours.ts';
import { localDay, localHour, localHours } from './local-hours.ts';
import { dayRows, hoursBetween } from './roll-up-day.ts';
import { hourRowsIn } from './roll-up-hour.ts';
import { sealedHours } from './sealed-hours.ts';
import { type Watched, watchedMonitors } from './watched.ts';

/** What is to be written where hours were dirty: plain values, which a thread can hand over. */
export interface SpanPlan {
  span: DirtySpan;
  /** As they stood before anything else was read. */
  marks: readonly PlannedMark[];
  hours: readonly PlannedHour[];
  days: readonly PlannedDay[];
}

export interface PlannedMark extends DirtyHourRow {
  /** The hours of the calendar in which it has a part, by their beginning. */
  hours: readonly number[];
}

interface PlannedHour {
  hour: number;
  sentinels: ReadonlySet<string>;
  rows: readonly RollupRow[];
  failures: readonly HourOfFailures[];
}

interface PlannedDay {
  day: number;
  /** Where the planned hours among its own begin. */
  hours: readonly number[];
  rows: readonly DayRollupRow[];
}

/**
 * Recomputes the dirty hours of spans from their runs, each whole, and the days of them that are closed. Of sealed hours
 * the days alone: see `sealedHours`. Only reads, and needs no transaction: what is committed meanwhile marks its hours
 * again, by which the one who writes sees that the plan of them is old.
 */
export async function planSpans(db: CustomerDb, spans: readonly DirtySpan[], calendar: Calendar): Promise<SpanPlan[]> {
  const marked: Omit<SpanPlan, 'hours' | 'days'>[] = [];
  for (const span of spans)
    marked.push({ span, marks: (await dirtyIn(db, span)).map((mark) => planned(mark, calendar)) });
  const watched = await watchedMonitors(
    db,
    spans.map(({ monitorId }) => monitorId),
  );
  const plans: SpanPlan[] = [];
  for (const { span, marks } of marked) {
    const own = watched.get(span.monitorId);
    plans.push({ span, marks, ...(own ? await planSpan(db, own, span, marks, calendar) : { hours: [], days: [] }) });
  }
  return plans;
}

async function planSpan(
  db: CustomerDb,
  watched: Watched,
  { monitorId, from }: DirtySpan,
  marks: readonly PlannedMark[],
  calendar: Calendar,
): Promise<Pick<SpanPlan, 'hours' | 'days'>> {
  const closed = await closedUntil(db, watched, calendar.timeZone);
  const hours: PlannedHour[] = [];
  const around = { from: from - hourMs, to: from + 26 * hourMs }; // hours of a zone may begin at other minutes
  const isSealed = await sealedHours(db, [monitorId], around);
  const rowsOf = await hourRowsIn(db, watched, around);
  for (const [hour, marked] of sentinelsByHour(marks)) {
    const period = localHour(hour, calendar.timeZone);
    const sentinels = new Set([...marked].filter((sentinelId) => !isSealed({ ...period, monitorId, sentinelId })));
    if (sentinels.size === 0) {
      hours.push({ hour, sentinels, rows: [], failures: [] });
      continue;
    }
    const rows = await rowsOf(period, sentinels, period.to <= closed ? 'closed' : 'open');
    const failures = rows.some(wentWrong) ? await failuresOf(db, monitorId, period, sentinels) : [];
    hours.push({ hour, sentinels, rows, failures });
  }
  return { hours, days: await planDays(db, watched, hours, closed, calendar) };
}

function wentWrong({ failed, errored }: RollupRow): boolean {
  return failed + errored > 0;
}

function planned({ hour, monitor_id, sentinel_id, marks }: DirtyHourRow, { timeZone }: Calendar): PlannedMark {
  const hours = localHours({ from: hour, to: hour + hourMs }, timeZone).map(({ from }) => from);
  return { hour, monitor_id, sentinel_id, marks, hours };
}

/** The sentinels of which marks have a part in an hour of the calendar, by its beginning. */
export function sentinelsByHour(marks: readonly PlannedMark[]): Map<number, Set<string>> {
  const sentinels = new Map<number, Set<string>>();
  for (const { hours, sentinel_id } of marks)
    for (const hour of hours) sentinels.set(hour, (sentinels.get(hour) ?? new Set()).add(sentinel_id));
  return sentinels;
}

async function planDays(
  db: CustomerDb,
  { monitor }: Watched,
  planned: readonly PlannedHour[],
  closed: number,
  calendar: Calendar,
): Promise<PlannedDay[]> {
  const isBusiness = businessHours(calendar);
  const kept = await hoursFrom(db, monitor.id);
  const days: PlannedDay[] = [];
  const byDay = Map.groupBy(planned, ({ hour }) => localDay(hour, calendar.timeZone).from);
  for (const [from, own] of byDay) {
    const day = localDay(from, calendar.timeZone);
    if (day.to > closed || day.from < kept) continue;
    const rows = dayRows(withPlanned(await hoursBetween(db, monitor.id, day), own), monitor.id, day, isBusiness);
    days.push({ day: from, hours: own.map(({ hour }) => hour), rows });
  }
  return days;
}

/** The hours of a day as they will be. */
function withPlanned(rows: readonly RollupRow[], planned: readonly PlannedHour[]): RollupRow[] {
  const replaced = new Map(planned.map(({ hour, sentinels }) => [hour, sentinels]));
  const kept = rows.filter(({ hour, sentinel_id }) => !replaced.get(hour)?.has(sentinel_id));
  return [...kept, ...planned.flatMap((hour) => hour.rows)];
}
