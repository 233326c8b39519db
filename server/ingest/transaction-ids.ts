import { insertAll } from '../../db/customer/insert-all.ts';
import type { TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { ReadRun } from './read-run.ts';
import { storable } from './run-rows.ts';

/** Names asked for in one statement. */
const atOnce = 500;

/**
 * Ids of all transactions that the runs name, by monitor and name; new ones are added. Asked afresh for each batch,
 * because a memory of ids would have to forget those of a transaction that was rolled back.
 */
export async function transactionIds(db: CustomerDb, runs: readonly ReadRun[]) {
  const ids = new Map<string, Map<string, number>>();
  for (const [monitorId, wanted] of namesByMonitor(runs)) {
    const known = await idsOf(db, monitorId, [...wanted.keys()]);
    const fresh = [...wanted].filter(([name]) => !known.has(name));
    const rows = fresh.map(([name, position]) => ({ monitor_id: monitorId, name, position }));
    await insertAll(db, 'transactions', rows);
    const added = await idsOf(
      db,
      monitorId,
      rows.map((row) => row.name),
    );
    ids.set(monitorId, new Map([...known, ...added]));
  }
  return ids;
}

/** For each monitor the names and where each stands in the first run that has it. */
function namesByMonitor(runs: readonly ReadRun[]): Map<string, Map<string, number>> {
  const monitors = new Map<string, Map<string, number>>();
  for (const { run } of runs) {
    const names = monitors.get(run.monitorId) ?? new Map<string, number>();
    monitors.set(run.monitorId, names);
    for (const [position, transaction] of run.transactions.entries()) {
      const name = storable(transaction.name);
      if (!names.has(name)) names.set(name, position);
    }
  }
  return monitors;
}

async function idsOf(db: CustomerDb, monitorId: string, names: readonly string[]): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (let at = 0; at < names.length; at += atOnce) {
    const rows = await db<TransactionRow>('transactions')
      .where({ monitor_id: monitorId })
      .whereIn('name', names.slice(at, at + atOnce))
      .select('id', 'name');
    for (const row of rows) ids.set(row.name, row.id);
  }
  return ids;
}
