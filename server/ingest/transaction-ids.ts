import { insertAll } from '../../db/customer/insert-all.ts';
import type { TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import { storable } from '../../db/storable.ts';
import type { ReadRun } from './read-run.ts';

/** Ids by monitor, then by name. */
type Ids = Map<string, Map<string, number>>;

/** Names that a monitor can have, twice those of the largest run: whose script needs more makes them up. */
export const mostNames = 1000;
/** What further names are filed under. */
export const furtherNames = `further names, beyond ${mostNames}`;
/** Names that are remembered of a customer. */
const mostRemembered = 20_000;

/**
 * What was committed when it was read: never the ids of names that a transaction adds itself, since it may be rolled back.
 * Goes with the connection, so that a database that is replaced is read anew.
 */
const remembered = new WeakMap<CustomerDb, { ids: Ids; count: number }>();

/** Monitors of which names are remembered, by id: they are there, since none is ever removed. */
export function rememberedMonitors(db: CustomerDb): ReadonlyMap<string, unknown> {
  return remembered.get(db)?.ids ?? new Map();
}

interface Wanted {
  monitorId: string;
  name: string;
  /** Where it stands in the first run that has it. */
  position: number;
}

/**
 * Ids of all transactions that the runs name; new ones are added by `trx`, a transaction on `db`. What a script makes up
 * beyond `mostNames` is one transaction of its monitor: every name costs rows in each hour, for ever, and time in each report.
 */
export async function transactionIds(db: CustomerDb, trx: CustomerDb, runs: readonly ReadRun[]): Promise<Ids> {
  const memory = remembered.get(db);
  const known: Ids = memory && memory.count < mostRemembered ? memory.ids : new Map();
  const unknown = wantedOf(runs, known);
  if (unknown.length === 0) return known;
  const found = await read(trx, unknown);
  const added = found.filter((row) => put(known, row)).length;
  remembered.set(db, { ids: known, count: added + (known === memory?.ids ? memory.count : 0) });
  const fresh = unknown.filter(({ monitorId, name }) => !known.get(monitorId)?.has(name));
  return fresh.length === 0 ? known : addNames(trx, known, fresh);
}

/** All ids, apart from what is `known` and stays as it is. */
async function addNames(trx: CustomerDb, known: Ids, fresh: readonly Wanted[]): Promise<Ids> {
  const byMonitor = Map.groupBy(fresh, ({ monitorId }) => monitorId);
  const room = await roomOf(trx, known, [...byMonitor.keys()]);
  const added = [...byMonitor].flatMap(([monitorId, own]) => {
    const fitting = own.slice(0, room.get(monitorId) ?? 0);
    if (fitting.length === own.length || known.get(monitorId)?.has(furtherNames)) return fitting;
    return [...fitting, { monitorId, name: furtherNames, position: mostNames }];
  });
  const all: Ids = new Map(known);
  for (const monitorId of byMonitor.keys()) all.set(monitorId, new Map(known.get(monitorId)));
  if (added.length > 0) {
    const rows = added.map(({ monitorId, name, position }) => ({ monitor_id: monitorId, name, position }));
    await insertAll(trx, 'transactions', rows);
    for (const row of await read(trx, added)) put(all, row);
  }
  for (const { monitorId, name } of fresh) {
    const names = all.get(monitorId);
    const further = names?.get(furtherNames);
    if (further !== undefined && !names?.has(name)) names?.set(name, further);
  }
  return all;
}

/** How many names more each monitor can have; without an entry, none. */
async function roomOf(trx: CustomerDb, known: Ids, monitorIds: readonly string[]): Promise<Map<string, number>> {
  const open = monitorIds.filter((id) => !known.get(id)?.has(furtherNames));
  const rows: { monitor_id: string; names: number }[] = await inChunks(open, (some) =>
    trx('transactions').whereIn('monitor_id', some).groupBy('monitor_id').select('monitor_id').count({ names: '*' }),
  );
  const room = new Map(open.map((id) => [id, mostNames]));
  for (const { monitor_id, names } of rows) room.set(monitor_id, Math.max(0, mostNames - names));
  return room;
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

/**
 * By both lists apart, which may give more than was asked for, but takes few statements. Where there are further names they
 * are among them.
 */
async function read(trx: CustomerDb, wanted: readonly Wanted[]): Promise<Row[]> {
  const monitors = [...new Set(wanted.map(({ monitorId }) => monitorId))];
  const names = [...new Set([furtherNames, ...wanted.map(({ name }) => name)])];
  return inChunks(names, (some) =>
    trx<TransactionRow>('transactions')
      .whereIn('monitor_id', monitors)
      .whereIn('name', some)
      .select('id', 'monitor_id', 'name'),
  );
}

/** Whether it was not there before. */
function put(ids: Ids, { id, monitor_id, name }: Row): boolean {
  const names = ids.get(monitor_id) ?? new Map<string, number>();
  const isNew = !names.has(name);
  ids.set(monitor_id, names.set(name, id));
  return isNew;
}
