import type { CustomerDb } from '../customers.ts';
import { readByIndex } from '../engines/dialect.ts';
import type { OutcomeName, RunRow } from './rows.ts';

/*
 * Runs of a monitor lie by outcome and start, and there is no tree of them by start alone: it was a tenth of the work of storing
 * a run. Who wants those of some time names the outcomes too, else every run of the monitor would be read.
 */

export const outcomes = ['passed', 'failed', 'errored', 'skipped'] as const satisfies OutcomeName[];

type Query = ReturnType<CustomerDb>;
type Key = Pick<RunRow, 'id' | 'started_at'>;

interface Wanted {
  order: 'asc' | 'desc';
  limit: number;
  of?: readonly OutcomeName[] | undefined;
}

/** The order of runs by their starts, of those that started together by their ids. */
export function byStart(order: 'asc' | 'desc') {
  return [
    { column: 'started_at', order },
    { column: 'id', order },
  ];
}

/**
 * The first runs in the order of their starts, of each outcome (`of`) so many and of these the first; `which` says of what runs.
 * No more than the tree holds: of what is rare rows of months ago would be read for nothing.
 */
export async function runsByStart(
  db: CustomerDb,
  which: (runs: Query) => Query,
  { order, limit, of = outcomes }: Wanted,
): Promise<Key[]> {
  const by = byStart(order);
  const first = (outcome: OutcomeName) => which(db('runs')).where({ outcome }).orderBy(by).limit(limit);
  const ofEach = of.map((outcome) => db.from(first(outcome).select('id', 'started_at').as('first')).select('*'));
  return db.from(db.unionAll(ofEach).as('found')).orderBy(by).limit(limit).select<Key[]>('id', 'started_at');
}

/** Runs of monitors that started in [from, to). Of many MariaDB would rather read the whole table than so many places. */
export function runsBetween(
  db: CustomerDb,
  monitorIds: readonly string[],
  { from, to }: { from: number; to: number },
): Query {
  return db
    .from(readByIndex(db, 'runs', 'runs', 'runs_by_start'))
    .whereIn('monitor_id', monitorIds)
    .whereIn('outcome', outcomes)
    .where('started_at', '>=', from)
    .where('started_at', '<', to);
}
