import type { LocationRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { sealedUntil } from '../rollups/sealed-hours.ts';
import { Tally } from '../rollups/tally.ts';
import type { LocationsAnswer } from './compare-shapes.ts';
import { compared, transactionIdOf } from './compared.ts';
import { gather } from './gather.ts';
import { toldPeriod } from './period.ts';
import type { Period } from './shapes.ts';
import { subjectOf } from './subject.ts';

/**
 * How a monitor did at each location over the period, in one transaction or in whole runs. Undefined when the customer
 * has no such monitor.
 */
export async function locations(
  db: CustomerDb,
  monitorId: string,
  asked: Period,
  transaction: string | null,
  now: number,
): Promise<LocationsAnswer | undefined> {
  const subject = await subjectOf(db, monitorId);
  if (!subject) return undefined;
  const period = toldPeriod(asked, subject.calendar.timeZone, await sealedUntil(db));
  const transactionIds = [await transactionIdOf(db, monitorId, transaction)];
  const bounds = [period.from, period.to];
  const series = await gather(db, { ...subject, bounds, by: 'location', transactionIds, now });
  const tallies = new Map(series.map(({ place, tallies: steps }) => [place, steps.get(0) ?? new Tally()]));
  const rows = await db<LocationRow>('locations')
    .whereIn('id', [...tallies.keys()])
    .orderBy('name');
  const told = rows.map(({ id, name }) => ({ id, name, ...compared(tallies.get(id) ?? new Tally()) }));
  return { period, transaction, locations: told.filter(({ passed, failed }) => passed + failed > 0) };
}
