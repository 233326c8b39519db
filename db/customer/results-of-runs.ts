import type { CustomerDb } from '../customers.ts';

/**
 * Results (`r`) of the runs with these keys, each beside its run (`runs`) and its transaction (`t`). They lie by transaction
 * and start, and there is no tree of them by run: it would be the larger half of what storing a result takes.
 */
export function resultsOfRuns(db: CustomerDb, keys: readonly Uint8Array[]) {
  return db('runs')
    .join('transactions as t', 't.monitor_id', 'runs.monitor_id')
    .join('transaction_results as r', (on) => {
      on.on('r.transaction_id', 't.id').on('r.started_at', 'runs.started_at').on('r.run_id', 'runs.id');
    })
    .whereIn('runs.id', keys);
}
