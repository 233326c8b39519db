import { insertAll } from '../../db/customer/insert-all.ts';
import type { DirtyHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { countUp } from '../../db/engines/dialect.ts';
import { chunksOf } from '../../db/in-chunks.ts';
import type { Period } from '../reports/shapes.ts';
import { hourMs, hourOf, ofSameSentinels } from './hours.ts';

/** An hour of UTC of a monitor at a sentinel of which the rollups no longer match the rows. */
export type DirtyHour = Omit<DirtyHourRow, 'marks'>;

/** Says that hours must be recomputed; call it in the transaction that changes their rows. */
export async function markDirty(db: CustomerDb, hours: readonly DirtyHour[]): Promise<void> {
  const distinct = new Map(hours.map((h) => [`${h.hour} ${h.monitor_id} ${h.sentinel_id}`, h]));
  // All in one order: of two transactions that mark at once none waits for the other and is waited for by it.
  const inOrder = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = inOrder.map(([, { hour, monitor_id, sentinel_id }]) => ({ hour, monitor_id, sentinel_id, marks: 1 }));
  await insertAll(db, 'dirty_hours', rows, countUp(db, 'dirty_hours', ['hour', 'monitor_id', 'sentinel_id'], 'marks'));
}

/** Says the same of every hour, but those that don't `matter`, that has a part in a time, both ends included. */
export function markDirtyBetween(
  db: CustomerDb,
  of: Omit<DirtyHour, 'hour'>,
  { from, to }: Period,
  matters: (hour: Period) => boolean = () => true,
): Promise<void> {
  const hours: DirtyHour[] = [];
  for (let hour = hourOf(from); hour <= to; hour += hourMs) {
    if (matters({ from: hour, to: hour + hourMs })) hours.push({ ...of, hour });
  }
  return markDirty(db, hours);
}

/** Up to 24 hours of one monitor, some of them dirty. */
export interface DirtySpan {
  monitorId: string;
  from: number;
  /** How many marks there were at least, each of an hour at a sentinel. */
  marks: number;
}

const spanMs = 24 * hourMs;
/** Marks that are looked at in one go, besides those of the day in which that ends. */
const marksAtOnce = 5000;

/** Where hours of other monitors than `left` are dirty, the newest first; none when all is rolled up. There may be more. */
export async function dirtySpans(db: CustomerDb, left: ReadonlySet<string> = new Set()): Promise<DirtySpan[]> {
  const marks = await db<DirtyHourRow>('dirty_hours')
    .whereNotIn('monitor_id', [...left])
    .orderBy('hour', 'desc')
    .limit(marksAtOnce)
    .select('hour', 'monitor_id');
  const spans = new Map<string, DirtySpan>();
  for (const { hour, monitor_id } of marks) {
    const span = { monitorId: monitor_id, from: Math.floor(hour / spanMs) * spanMs, marks: 0 };
    const name = `${span.from} ${span.monitorId}`;
    const { marks } = spans.get(name) ?? span;
    spans.set(name, { ...span, marks: marks + 1 });
  }
  const last = marks.length === marksAtOnce ? marks.at(-1) : undefined;
  if (!last) return [...spans.values()];
  // The look ended somewhere in this day, of which there may be many times what it saw.
  const day = await spansOfDay(db, Math.floor(last.hour / spanMs) * spanMs, left);
  return [...[...spans.values()].filter(({ from }) => from !== day[0]?.from), ...day];
}

async function spansOfDay(db: CustomerDb, from: number, left: ReadonlySet<string>): Promise<DirtySpan[]> {
  const rows: { monitor_id: string; marks: number }[] = await db('dirty_hours')
    .whereNotIn('monitor_id', [...left])
    .where('hour', '>=', from)
    .where('hour', '<', from + spanMs)
    .groupBy('monitor_id')
    .orderBy('monitor_id')
    .select('monitor_id')
    .count({ marks: '*' });
  return rows.map(({ monitor_id, marks }) => ({ monitorId: monitor_id, from, marks: Number(marks) }));
}

export function dirtyIn(db: CustomerDb, { monitorId, from }: Omit<DirtySpan, 'marks'>): Promise<DirtyHourRow[]> {
  return db<DirtyHourRow>('dirty_hours')
    .where({ monitor_id: monitorId })
    .where('hour', '>=', from)
    .where('hour', '<', from + spanMs);
}

/** Takes marks of a span off; call it in the transaction in which they were seen to stand. */
export async function unmark(db: CustomerDb, { monitorId }: DirtySpan, marks: readonly DirtyHour[]): Promise<void> {
  const marked = [...Map.groupBy(marks, ({ hour }) => hour)];
  const byHour = marked.map(([hour, own]) => ({ hour, sentinels: new Set(own.map((mark) => mark.sentinel_id)) }));
  for (const { sentinels, hours } of ofSameSentinels(byHour))
    for (const some of chunksOf([...sentinels]))
      await db<DirtyHourRow>('dirty_hours')
        .whereIn(
          'hour',
          hours.map(({ hour }) => hour),
        )
        .where({ monitor_id: monitorId })
        .whereIn('sentinel_id', some)
        .delete();
}
