import type { RunRow, TransactionResultRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { dayMs } from './period.ts';
import type { RunAnswer } from './shapes.ts';

/** Further back nobody compares, and the table is long. */
const lookBackMs = 31 * dayMs;

/** When a transaction last passed before a run in which it did not, at any sentinel; null: not in the month before. */
export async function lastPassed(
  db: CustomerDb,
  wrong: Pick<TransactionResultRow, 'transaction_id' | 'started_at'>,
): Promise<RunAnswer['lastPassed']> {
  const { transaction_id, started_at } = wrong;
  const found: Pick<TransactionResultRow, 'run_id' | 'started_at' | 'response_us'> | undefined = await db(
    'transaction_results',
  )
    .where({ transaction_id, outcome: 'passed' })
    .where('started_at', '<', started_at)
    .where('started_at', '>=', started_at - lookBackMs)
    .orderBy('started_at', 'desc')
    .first('run_id', 'started_at', 'response_us');
  if (!found) return null;
  const run: (Pick<RunRow, 'location_id'> & { location: string | null }) | undefined = await db('runs')
    .leftJoin('locations', 'locations.id', 'runs.location_id')
    .where('runs.id', found.run_id)
    .first('runs.location_id', { location: 'locations.name' });
  return {
    runId: runIdOf(found.run_id),
    startedAt: found.started_at,
    responseUs: found.response_us,
    location: run?.location ?? run?.location_id ?? '',
  };
}
