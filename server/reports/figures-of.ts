import type { RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { addResult, addRollup, type Figures, noFigures } from '../rollups/figures.ts';
import { resultsBetween } from '../rollups/results.ts';
import type { Parts } from './period.ts';
import type { Period } from './shapes.ts';

/** Figures of a monitor over a period: of each transaction by its id, of whole runs under 0; and how many runs each sentinel had. */
export async function figuresOf(
  db: CustomerDb,
  monitorId: string,
  parts: Parts,
): Promise<{ figures: Map<number, Figures>; runsAt: Map<string, number> }> {
  const figures = new Map<number, Figures>();
  const runsAt = new Map<string, number>();
  const sumOf = (id: number) => entryOf(figures, id, noFigures);
  const count = (sentinelId: string, runs: number) => runsAt.set(sentinelId, (runsAt.get(sentinelId) ?? 0) + runs);
  for (const row of await rollupsBetween(db, monitorId, parts.hours)) {
    addRollup(sumOf(row.transaction_id), row);
    if (row.transaction_id === 0) count(row.sentinel_id, row.passed + row.failed + row.errored + row.skipped);
  }
  for (const { from, to } of parts.edges) {
    for (const result of await resultsBetween(db, monitorId, from, to)) {
      addResult(sumOf(result.transactionId), result);
      if (result.transactionId === 0) count(result.sentinelId, 1);
    }
  }
  return { figures, runsAt };
}

export function rollupsBetween(db: CustomerDb, monitorId: string, { from, to }: Period) {
  return db('rollups')
    .where({ monitor_id: monitorId })
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .select<RollupRow[]>('*');
}

/** The entry under `key`, made if need be. */
export function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
