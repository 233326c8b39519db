import type { LocationRow, TransactionRow } from '../../../db/customer/rows.ts';
import type { CustomerDb } from '../../../db/customers.ts';
import type { Calendar } from '../../rollups/calendar.ts';
import { Tally } from '../../rollups/tally.ts';
import type { Watched } from '../../rollups/watched.ts';
import { exclusionsOf } from '../exclusions.ts';
import { gather } from '../gather.ts';
import type { Period } from '../shapes.ts';
import type { Hours } from './shapes.ts';

/** What all templates are made from. */
export interface Ground {
  db: CustomerDb;
  /** ms since 1970 */
  now: number;
  calendar: Calendar;
  period: Period;
  /** As long as the period, and just before it. */
  before: Period;
  /** Of whatever has no target with hours of its own. */
  hours: Hours;
  withoutMaintenance: boolean;
  /** Of what there is a report, by name. */
  watched: readonly Watched[];
  /** Names by id. */
  locations: ReadonlyMap<string, string>;
}

export interface Asked {
  /** Steps lie between two neighbours; the whole period if left out. */
  bounds?: readonly number[];
  by?: 'all' | 'location';
  /** 0: whole runs; all if left out. */
  transactionIds?: readonly number[];
  hours?: Hours;
}

/** All that is known of a monitor: by the id of a transaction, a place and the number of the step. */
export async function tallies(ground: Ground, watched: Watched, asked: Asked = {}) {
  const { db, calendar, now, period, withoutMaintenance } = ground;
  const { bounds = [period.from, period.to], by = 'all', transactionIds, hours = ground.hours } = asked;
  const span = { from: bounds[0] ?? period.from, to: bounds.at(-1) ?? period.to };
  const wishes = { businessOnly: hours === 'business', withoutMaintenance };
  const exclusions = await exclusionsOf(db, watched.monitor.id, calendar, span, wishes);
  const which = transactionIds ? { transactionIds } : {};
  const series = await gather(db, { watched, calendar, bounds, by, exclusions, now, ...which });
  const found = new Map(series.map((one) => [`${one.transactionId} ${one.place}`, one.tallies]));
  return (transactionId: number, { place = '', step = 0 } = {}): Tally =>
    found.get(`${transactionId} ${place}`)?.get(step) ?? new Tally();
}

/** Of a monitor, in the order of its script. */
export async function transactionsOf(
  { db }: Ground,
  { monitor }: Watched,
): Promise<Pick<TransactionRow, 'id' | 'name'>[]> {
  return db<TransactionRow>('transactions')
    .where({ monitor_id: monitor.id })
    .orderBy(['position', 'id'])
    .select('id', 'name');
}

/** Names of all locations by id, in their order. */
export async function locationNames(db: CustomerDb): Promise<Map<string, string>> {
  const rows = await db<LocationRow>('locations').orderBy('name');
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Of several monitors. */
export function sumOf(all: readonly Tally[]): Tally {
  const sum = new Tally();
  for (const tally of all) sum.addApart(tally);
  return sum;
}
