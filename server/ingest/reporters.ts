import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { HttpProblem } from '../http/problem.ts';
import { type ClosedMonths, closedIn, monthsClosed } from './late-runs.ts';

/** The sentinel that reports; its location is written on each run. */
export interface Reporter {
  id: string;
  locationId: string;
}

type Row = Pick<SentinelRow, 'id' | 'location_id'> & Parameters<typeof closedIn>[0];

/**
 * Those who report, by id, and the months that are closed. To be asked in the transaction that stores their runs: a move of a
 * sentinel counts from now, and a month is closed by a transaction of its own. In one statement, since each that a commit
 * waits for costs as much as thirty results. Throws a 401 where one is not there.
 */
export async function reportersAndMonths(
  trx: CustomerDb,
  ids: ReadonlySet<string>,
): Promise<{ reporterOf: (sentinelId: string) => Reporter; closed: ClosedMonths | null }> {
  const rows: Row[] = await trx('sentinels')
    .crossJoin(trx.raw('? as months', [monthsClosed(trx)]))
    .whereIn('sentinels.id', [...ids])
    .select('sentinels.id', 'sentinels.location_id', 'months.*');
  const reporters = new Map(rows.map(({ id, location_id }) => [id, { id, locationId: location_id }]));
  const reporterOf = (sentinelId: string) => {
    const reporter = reporters.get(sentinelId);
    if (reporter) return reporter;
    throw new HttpProblem(401, 'KEY_UNKNOWN', 'this sentinel is not known to its customer; enrol it again');
  };
  for (const id of ids) reporterOf(id);
  return { reporterOf, closed: rows[0] ? closedIn(rows[0]) : null };
}
