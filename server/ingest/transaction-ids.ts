import { insertAll } from '../../db/customer/insert-all.ts';
import type { TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import { storable } from '../../db/storable.ts';
import type { ReadRun } from './read-run.ts';

/** Ids by monitor, then by name. */
type Ids = Map<string, Map<string, number>>;

/** Names that are remembered of a customer; more than that only somebody has who makes them up. */
const mostRemembered = 20_000;

/**
 * What was committed when it was read: never the ids of names that a transaction adds itself, since it may be rolled back.
 * Goes with the connection, so that a database that is replaced is read anew.
 */
const remembered = new WeakMap<CustomerDb, { ids: Ids; count: number }>();

interface Wanted {
  monitorId: string;
  name: string;
  /** Where it stands in the first run that has it. */
  position: number;
}

/** Ids of all transactions that the runs name; new ones are added by `trx`, a transaction on `db`. */
export async function transactionIds(db: CustomerDb, trx: CustomerDb, runs: readonly ReadRun[]): Promise<Ids> {
  const memory = remembered.get(db);
  const known: Ids = memory && memory.count < mostRemembered ? memory.ids : new Map();
  const unknown = wantedOf(runs, known);
  if (unknown.length === 0) return known;
  const found = await read(trx, unknown);
  for (const row of found) put(known, row);
  remembered.set(db, { ids: known, count: found.length + (known === memory?.ids ? memory.count : 0) });
  const fresh = unknown.filter(({ monitorId, name }) => !known.get(monitorId)?.has(name));
  if (fresh.length === 0) return known;
  await insertAll(
    trx,
    'transactions',
    fresh.map(({ monitorId, name, position }) => ({ monitor_id: monitorId, name, position })),
  );
  const all: Ids = new Map([...known].map(([monitorId, names]) => [monitorId, new Map(names)]));
  for (const row of await read(trx, fresh)) put(all, row);
  return all;
}

/** What the runs name and `known` lacks, each once. */
function wantedOf(runs: readonly ReadRun[], known: Ids): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { run } of runs) {
    const { monitorId } = run;
    const names = known.get(monitorId);
    for (const [position, transaction] of run.transactions.entries()) {
      if (names?.has(transaction.name)) continue;
      const name = storable(transaction.name);
      const key = `${monitorId} ${name}`;
      if (!names?.has(name) && !wanted.has(key)) wanted.set(key, { monitorId, name, position });
    }
  }
  return [...wanted.values()];
}

type Row = Pick<TransactionRow, 'id' | 'monitor_id' | 'name'>;

/** By both lists apart, which may give more than was asked for, but takes few statements. */
async function read(trx: CustomerDb, wanted: readonly Wanted[]): Promise<Row[]> {
  const monitors = [...new Set(wanted.map(({ monitorId }) => monitorId))];
  const names = [...new Set(wanted.map(({ name }) => name))];
  return inChunks(names, (some) =>
    trx<TransactionRow>('transactions')
      .whereIn('monitor_id', monitors)
      .whereIn('name', some)
      .select('id', 'monitor_id', 'name'),
  );
}

function put(ids: Ids, { id, monitor_id, name }: Row): void {
  const names = ids.get(monitor_id) ?? new Map<string, number>();
  ids.set(monitor_id, names.set(name, id));
}
