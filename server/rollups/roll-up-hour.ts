import { insertAll } from '../../db/customer/insert-all.ts';
import type { RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Period } from '../reports/shapes.ts';
import { type Duty, dutiesIn } from './duties.ts';
import { addResult, noFigures, toRollup } from './figures.ts';
import type { HoursAt } from './hours.ts';
import { type Result, resultsBetween } from './results.ts';
import { writeTold } from './tally.ts';
import type { Watched } from './watched.ts';

/**
 * What an hour says of the runs that were expected in it: nothing while some may be on their way (`open`); when it is
 * closed, as many as schedule and assignments ask for (`closing`); ever after what was written then (`closed`).
 */
export type Expecting = 'open' | 'closing' | 'closed';

/** What the rows of an hour at these sentinels are, by its runs. */
type HourRows = (hour: Period, sentinels: ReadonlySet<string>, expecting: Expecting) => Promise<RollupRow[]>;

/** What the rows of hours of a monitor are, all of which lie in `span`: what they have in common is read once. Changes nothing. */
export async function hourRowsIn(db: CustomerDb, watched: Watched, span: Period): Promise<HourRows> {
  const { id: monitor_id } = watched.monitor;
  const transactionIds: number[] = await db('transactions').where({ monitor_id }).pluck('id');
  let duties: ReturnType<typeof dutiesIn> | undefined;
  return async (hour, sentinels, expecting) => {
    const place = { monitor_id, hour: hour.from };
    const results = await resultsBetween(db, monitor_id, hour, transactionIds);
    const rows = rowsOf(
      place,
      results.filter(({ sentinelId }) => sentinels.has(sentinelId)),
    );
    if (expecting === 'open') return rows;
    const written =
      expecting === 'closed'
        ? await rowsAt(db, { monitor_id, hours: [hour.from], sentinels }).where({ transaction_id: 0 })
        : [];
    duties ??= dutiesIn(db, watched, span, Number.POSITIVE_INFINITY);
    return [...rows, ...expect(watched, hour, sentinels, rows, written, await duties)];
  };
}

/** Puts rows of hours in the place of those that were there. */
export async function writeHours(db: CustomerDb, place: HoursAt, rows: readonly RollupRow[]): Promise<void> {
  await rowsAt(db, place).delete();
  await insertAll(db, 'rollups', rows);
}

function rowsAt(db: CustomerDb, { monitor_id, hours, sentinels }: HoursAt) {
  return db<RollupRow>('rollups')
    .where({ monitor_id })
    .whereIn('hour', hours)
    .whereIn('sentinel_id', [...sentinels]);
}

/** An hour of a monitor. */
type Place = Pick<RollupRow, 'monitor_id' | 'hour'>;

/** A row for each transaction, and for whole runs, at each sentinel and location; of two locations the later one last. */
function rowsOf(place: Place, results: readonly Result[]): RollupRow[] {
  const sums = new Map<string, { key: Omit<Key, keyof Place>; figures: ReturnType<typeof noFigures> }>();
  for (const result of results.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const { transactionId: transaction_id, sentinelId: sentinel_id, locationId: location_id } = result;
    const name = `${transaction_id} ${sentinel_id} ${location_id}`;
    const sum = sums.get(name) ?? { key: { transaction_id, sentinel_id, location_id }, figures: noFigures() };
    sums.set(name, sum);
    addResult(sum.figures, result);
  }
  return [...sums.values()].map(({ key, figures }) => rowOf({ ...place, ...key }, figures));
}

type Key = Pick<RollupRow, 'monitor_id' | 'hour' | 'transaction_id' | 'sentinel_id' | 'location_id'>;

function rowOf(key: Key, figures = noFigures()): RollupRow {
  return { ...key, ...toRollup(figures), expected: 0, requested: 0, told: null };
}

/** Writes what was expected of each sentinel into its rows of whole runs; returns one for each that had none and needs one. */
function expect(
  watched: Watched,
  hour: Period,
  sentinels: ReadonlySet<string>,
  rows: readonly RollupRow[],
  written: readonly RollupRow[],
  dutyOf: Awaited<ReturnType<typeof dutiesIn>>,
): RollupRow[] {
  const missing: RollupRow[] = [];
  for (const sentinel of watched.sentinels.filter(({ id }) => sentinels.has(id))) {
    const duty = dutyOf(sentinel, hour);
    const before = written.filter((row) => row.sentinel_id === sentinel.id);
    if (before.length > 0) duty.expected = before.reduce((sum, row) => sum + row.expected, 0);
    const own = rows.filter((row) => row.transaction_id === 0 && row.sentinel_id === sentinel.id);
    const key = { monitor_id: watched.monitor.id, hour: hour.from, transaction_id: 0, sentinel_id: sentinel.id };
    const last = own.pop() ?? rowOf({ ...key, location_id: sentinel.location_id });
    writeDuty(duty, own, last);
    if (!rows.includes(last) && (last.expected > 0 || last.told !== null)) missing.push(last);
  }
  return missing;
}

/** At a location that the sentinel left within the hour, what it ran there was expected of it; the rest where it went. */
function writeDuty(duty: Duty, earlier: readonly RollupRow[], last: RollupRow): void {
  let rest = duty.expected;
  for (const row of earlier) {
    row.expected = Math.min(rest, row.passed + row.failed + row.errored + row.skipped);
    rest -= row.expected;
  }
  Object.assign(last, { expected: rest, requested: duty.requested, told: writeTold(duty.skips) });
}
