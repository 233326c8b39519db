import { insertAll } from '../../db/customer/insert-all.ts';
import type { DayRollupRow, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Period } from '../reports/shapes.ts';
import { toRollup } from './figures.ts';
import { Tally, writeTold } from './tally.ts';

const placeOf: Record<DayRollupRow['scope'], (row: RollupRow) => string> = {
  all: () => '',
  location: (row) => row.location_id,
  sentinel: (row) => row.sentinel_id,
};
const scopes = ['all', 'location', 'sentinel'] as const satisfies DayRollupRow['scope'][];

/** What the rows of a day of a monitor are, by all of its hours. */
export function dayRows(
  hours: readonly RollupRow[],
  monitorId: string,
  day: Period,
  isBusiness: (hour: number) => boolean,
): DayRollupRow[] {
  const business = hours.filter(({ hour }) => isBusiness(hour));
  const key = { monitor_id: monitorId, day: day.from };
  return scopes.flatMap((scope) => [
    ...daysOf(hours, { ...key, scope, business: 0 }),
    ...daysOf(business, { ...key, scope, business: 1 }),
  ]);
}

/** Puts rows of a day of a monitor, begun at `day` (ms), in the place of those it had. */
export async function writeDay(
  db: CustomerDb,
  monitorId: string,
  day: number,
  rows: readonly DayRollupRow[],
): Promise<void> {
  for (const scope of scopes)
    await db<DayRollupRow>('day_rollups').where({ monitor_id: monitorId, day, scope }).delete();
  await insertAll(db, 'day_rollups', rows);
}

/** The hours of a monitor that begin in [from, to). */
export function hoursBetween(db: CustomerDb, monitorId: string | readonly string[], { from, to }: Period) {
  return db('rollups')
    .whereIn('monitor_id', [monitorId].flat())
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .select<RollupRow[]>('*');
}

type Key = Pick<DayRollupRow, 'monitor_id' | 'day' | 'scope' | 'business'>;

function daysOf(hours: readonly RollupRow[], key: Key): DayRollupRow[] {
  const tallies = new Map<string, { transaction_id: number; place: string; tally: Tally }>();
  for (const row of hours) {
    const [transaction_id, place] = [row.transaction_id, placeOf[key.scope](row)];
    const name = `${transaction_id} ${place}`;
    const entry = tallies.get(name) ?? { transaction_id, place, tally: new Tally() };
    tallies.set(name, entry);
    entry.tally.addHour(row);
  }
  return [...tallies.values()].map(({ tally, ...place }) => {
    const { told, lost } = tally.gaps();
    return { ...key, ...place, ...toRollup(tally.figures), told: writeTold(told), lost };
  });
}
