import type { TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { quantilesUs } from '../rollups/figures.ts';
import type { Tally } from '../rollups/tally.ts';
import { together } from '../rollups/together.ts';
import { gather, type Question } from './gather.ts';

/** How much slower than usual half of an hour's runs must be to be called slow, where the monitor has no thresholds. */
const muchSlower = 1.5;

/** Whether a step was slow at a place: its runs there, and the median (µs) that is usual there, or null. */
export type IsSlow = (place: string, step: number, runs: Tally, usualUs: number | null) => boolean;

/**
 * Tells the slow steps of a monitor at its locations: those in which the 95th percentile of a transaction, or of whole
 * runs, exceeds its threshold; without any threshold those whose median run took half as long again as is usual.
 */
export async function slowHours(db: CustomerDb, question: Omit<Question, 'by' | 'transactionIds'>): Promise<IsSlow> {
  const { id, thresholds } = question.watched.monitor;
  const limits = new Map<string, number>(Object.entries(JSON.parse(thresholds ?? '{}')));
  if (limits.size === 0) {
    return (_place, _step, runs, usualUs) => usualUs !== null && quantile(runs, 0.5) > muchSlower * usualUs;
  }
  const rows = ((await transactionsOf(db, id)).get(id) ?? []).filter(({ name }) => limits.has(name));
  const limitOf = new Map(rows.map((row) => [row.id, limits.get(row.name) ?? Number.POSITIVE_INFINITY]));
  const series = await gather(db, { ...question, by: 'location', transactionIds: [...limitOf.keys()] });
  const slow = new Set(
    series.flatMap(({ transactionId, place, tallies }) =>
      [...tallies]
        .filter(([, tally]) => quantile(tally, 0.95) > (limitOf.get(transactionId) ?? Number.POSITIVE_INFINITY))
        .map(([step]) => `${place} ${step}`),
    ),
  );
  const whole = limits.get('') ?? Number.POSITIVE_INFINITY;
  return (place, step, runs) => slow.has(`${place} ${step}`) || quantile(runs, 0.95) > whole;
}

const transactionsOf = together(async (db, monitorIds: readonly string[]) => {
  const rows = await db<TransactionRow>('transactions').whereIn('monitor_id', monitorIds);
  return Map.groupBy(rows, (row) => row.monitor_id);
});

function quantile({ figures }: Tally, share: number): number {
  return quantilesUs(figures, [share])[0] ?? 0;
}
