import type { TransactionResultRow, TransactionRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import { hourMs } from '../rollups/hours.ts';
import type { Period, ResponseTimesAnswer } from './shapes.ts';

/** A chart can show single results of a short period alone. */
const longestMs = 2 * hourMs;
/** More than one drawing can hold, of which nobody tells one from the other, are as good as none. */
const most = 20_000;

type Row = Pick<TransactionResultRow, 'transaction_id' | 'started_at' | 'run_id' | 'response_us'>;
type Single = ResponseTimesAnswer['transactions'][number]['results'][number];

/** Every passed result of the transactions that has a response time, by transaction; none of a longer period, or where they are too many. */
export async function singleResults(
  db: CustomerDb,
  transactions: readonly Pick<TransactionRow, 'id'>[],
  { from, to }: Period,
): Promise<Map<number, Single[]>> {
  if (to - from > longestMs) return new Map();
  const ids = transactions.map(({ id }) => id);
  const rows: Row[] = await inChunks(ids, (some) =>
    db('transaction_results as r')
      .join('runs', 'runs.id', 'r.run_id')
      .where({ 'r.outcome': 'passed', 'runs.counts': 1 })
      .whereIn('r.transaction_id', some)
      .where('r.started_at', '>=', from)
      .where('r.started_at', '<', to)
      .whereNotNull('r.response_us')
      .limit(most + 1)
      .select('r.transaction_id', 'r.started_at', 'r.run_id', 'r.response_us'),
  );
  const single = new Map<number, Single[]>();
  if (rows.length > most) return single;
  for (const { transaction_id, started_at, run_id, response_us } of rows) {
    const own = single.get(transaction_id) ?? [];
    single.set(transaction_id, own);
    own.push({ at: started_at, runId: runIdOf(run_id), responseUs: response_us ?? 0 });
  }
  return single;
}
