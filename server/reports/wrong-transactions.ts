import { resultsOfRuns } from '../../db/customer/results-of-runs.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';

export interface WrongTransaction {
  name: string;
  errorCode: string | null;
  message: string | null;
}

interface Row {
  run_id: Uint8Array;
  name: string;
  error_code: string | null;
  error_message: string | null;
}

/** Of each run the first transaction that failed or errored, by the run's key. Runs without one are left out. */
export async function wrongTransactions(db: CustomerDb, runKeys: readonly Uint8Array[]) {
  const first = new Map<string, WrongTransaction>();
  const get = (key: Uint8Array) => first.get(runIdOf(key));
  if (runKeys.length === 0) return { get };
  const rows: Row[] = await resultsOfRuns(db, runKeys)
    .whereIn('r.outcome', ['failed', 'errored'])
    .orderBy(['r.run_id', { column: 'r.position', order: 'desc' }])
    .select('r.run_id', 't.name', 'r.error_code', 'r.error_message');
  for (const { run_id, name, error_code, error_message } of rows) {
    first.set(runIdOf(run_id), { name, errorCode: error_code, message: error_message }); // the first is written last
  }
  return { get };
}
