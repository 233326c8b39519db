import type { AssignmentEraRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Period } from '../reports/shapes.ts';
import { together } from '../rollups/together.ts';

/** Stands for all sentinels of the customer, those that are yet to come too. */
const everySentinel = '';
/** When an era ends that lasts: the end of the calendar, so that the index by ends has it. */
const unended = 8_640_000_000_000_000;

/**
 * Writes down which sentinels a monitor is given to from `at` (ms) on, all if there are none, before they are. Costs what
 * changes.
 */
export async function noteAssignments(
  db: CustomerDb,
  monitor_id: string,
  sentinelIds: readonly string[],
  at: number,
): Promise<void> {
  const lasting = () => db<AssignmentEraRow>('assignment_eras').where({ monitor_id, to_at: unended });
  const unwritten = (await unwrittenEras(db, [monitor_id])).filter(({ from_at }) => from_at < at);
  for (const some of atATime(unwritten)) await db('assignment_eras').insert(some);
  const before = new Set<string>(await lasting().pluck('sentinel_id'));
  const now = new Set(sentinelIds.length === 0 ? [everySentinel] : sentinelIds);
  for (const some of atATime([...before.difference(now)]))
    await lasting().whereIn('sentinel_id', some).update({ to_at: at });
  for (const some of atATime([...now.difference(before)])) {
    const rows = some.map((sentinel_id) => ({ monitor_id, sentinel_id, from_at: at, to_at: unended }));
    // Taken away and given again within a millisecond, or by a clock that was set back.
    await db('assignment_eras').insert(rows).onConflict(['monitor_id', 'sentinel_id', 'from_at']).merge(['to_at']);
  }
}

/**
 * The eras of a monitor that have a part in [from, to), in any order; of one that nothing was written down of, as it is now
 * given.
 */
export async function assignmentEras(
  db: CustomerDb,
  monitorId: string,
  { from, to }: Period,
): Promise<AssignmentEraRow[]> {
  return (await erasOf(db, monitorId, from, to)).get(monitorId) ?? [];
}

const erasOf = together(async (db, monitorIds: readonly string[], from: number, to: number) => {
  const rows = await db<AssignmentEraRow>('assignment_eras')
    .whereIn('monitor_id', monitorIds)
    .where('to_at', '>', from)
    .where('from_at', '<', to);
  const found = Map.groupBy(rows, (row) => row.monitor_id);
  const unwritten = await unwrittenEras(
    db,
    monitorIds.filter((id) => !found.has(id)),
  );
  return Map.groupBy([...rows, ...unwritten.filter(({ from_at }) => from_at < to)], (row) => row.monitor_id);
});

/** Of those monitors without any era: a server of an older version saved them beside this one. */
async function unwrittenEras(db: CustomerDb, monitorIds: readonly string[]): Promise<AssignmentEraRow[]> {
  if (monitorIds.length === 0) return [];
  const rows: (Omit<AssignmentEraRow, 'to_at' | 'sentinel_id'> & { sentinel_id: string | null })[] = await db(
    'monitors as m',
  )
    .leftJoin('monitor_sentinels as s', 's.monitor_id', 'm.id')
    .whereIn('m.id', monitorIds)
    .whereNotExists(db('assignment_eras as e').whereRaw('e.monitor_id = m.id'))
    .select({ monitor_id: 'm.id', sentinel_id: 's.sentinel_id', from_at: 'm.created_at' });
  return rows.map((row) => ({ ...row, sentinel_id: row.sentinel_id ?? everySentinel, to_at: unended }));
}

/** When each sentinel had the monitor that these eras are of: periods that don't overlap, the oldest first. */
export function assignedPeriods(eras: readonly AssignmentEraRow[]): (sentinelId: string) => readonly Period[] {
  const rows = Map.groupBy(eras, (era) => era.sentinel_id);
  const ofAll = rows.get(everySentinel) ?? [];
  const whole = apart(ofAll);
  const periods = new Map([...rows].map(([id, own]) => [id, apart(id === everySentinel ? own : [...ofAll, ...own])]));
  return (sentinelId) => periods.get(sentinelId) ?? whole;
}

/** Where a clock was set back, an era begins before the one that it follows has ended. */
function apart(eras: readonly AssignmentEraRow[]): Period[] {
  let end = Number.NEGATIVE_INFINITY;
  const periods: Period[] = [];
  for (const { from_at, to_at } of eras.toSorted((a, b) => a.from_at - b.from_at)) {
    if (to_at > Math.max(from_at, end)) periods.push({ from: Math.max(from_at, end), to: to_at });
    end = Math.max(end, to_at);
  }
  return periods;
}

/** SQLite takes no more than 500 rows in one statement. */
export function atATime<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / 500) }, (_, i) => all.slice(i * 500, (i + 1) * 500));
}
