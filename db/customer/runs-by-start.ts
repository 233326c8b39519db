import type { CustomerDb } from '../customers.ts';
import type { OutcomeName, RunRow } from './rows.ts';

/**
 * Every outcome. Runs of a monitor lie by outcome and start, and there is no tree of them by start alone: it was a tenth of the
 * work of storing a run. Who wants those of some time names the outcomes too, else every run of the monitor would be read.
 */
export const outcomes = ['passed', 'failed', 'errored', 'skipped'] as const satisfies OutcomeName[];

type Query = ReturnType<CustomerDb>;

interface Wanted<Column extends keyof RunRow> {
  /** By their starts; those that started together by their ids. */
  order: 'asc' | 'desc';
  limit: number;
  of?: readonly OutcomeName[] | undefined;
  columns: readonly Column[];
}

type Found<Column extends keyof RunRow> = Pick<RunRow, Column | 'id' | 'started_at'>;

/** The first runs in the order of their starts, of each outcome (`of`) so many and of these the first; `which` says of what runs. */
export async function runsByStart<Column extends keyof RunRow>(
  db: CustomerDb,
  which: (runs: Query) => Query,
  { order, limit, of = outcomes, columns }: Wanted<Column>,
): Promise<Found<Column>[]> {
  const by = [
    { column: 'started_at', order },
    { column: 'id', order },
  ];
  const names = [...new Set<string>(['id', 'started_at', ...columns])];
  const first = (outcome: OutcomeName) => which(db('runs')).where({ outcome }).orderBy(by).limit(limit).select(names);
  const ofEach = of.map((outcome) => db.from(first(outcome).as('first')).select('*'));
  const found: unknown = await db.from(db.unionAll(ofEach).as('found')).orderBy(by).limit(limit).select(names);
  return found as Found<Column>[];
}
