import { resultsOfRuns } from '../../db/customer/results-of-runs.ts';
import type { TransactionResultRow, TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { availability, type Figures, noFigures, quantilesUs } from '../rollups/figures.ts';
import type { Tally } from '../rollups/tally.ts';
import { longestDayMs, newestDays } from './newest-days.ts';
import type { StripRow } from './recent-runs.ts';
import type { Period, TransactionSummary } from './shapes.ts';

type LastResult = Pick<TransactionResultRow, 'transaction_id' | 'position' | 'outcome' | 'response_us'>;

/**
 * Every transaction of the monitor that came up in the period or in its last run, in the script's order: as the last
 * run had them, and those it did not have where they once stood.
 */
export async function transactionSummaries(
  db: CustomerDb,
  monitorId: string,
  tallies: ReadonlyMap<number, Tally>,
  period: Period,
  newest: readonly StripRow[],
): Promise<TransactionSummary[]> {
  const last = await lastResults(db, newest);
  const rows = await db<TransactionRow>('transactions').where({ monitor_id: monitorId });
  const shown = rows.filter(({ id }) => tallies.has(id) || last.has(id));
  shown.sort((a, b) => placeOf(a, last) - placeOf(b, last) || a.id - b.id);
  const summaries: TransactionSummary[] = [];
  for (const row of shown) {
    const sum = tallies.get(row.id)?.figures ?? noFigures();
    summaries.push(present(row, sum, last.get(row.id), await lastErrorCode(db, row, sum, period)));
  }
  return summaries;
}

function placeOf({ id, position }: TransactionRow, last: ReadonlyMap<number, LastResult>): number {
  return last.get(id)?.position ?? position;
}

function present(
  { name }: TransactionRow,
  figures: Figures,
  last: LastResult | undefined,
  lastErrorCode: string | null,
): TransactionSummary {
  const { passed, failed, errored, skipped } = figures;
  const [p50Us = null, p95Us = null] = quantilesUs(figures, [0.5, 0.95]);
  return {
    ...{ name, passed, failed, errored, skipped },
    availability: availability(figures),
    p50Us,
    p95Us,
    lastOutcome: last?.outcome ?? null,
    lastErrorCode,
    lastResponseUs: last?.response_us ?? null,
  };
}

/** Results of the newest run that was not skipped as a whole, by transaction. */
async function lastResults(db: CustomerDb, newest: readonly StripRow[]): Promise<Map<number, LastResult>> {
  const run = newest.find((one) => one.outcome !== 'skipped');
  if (!run) return new Map();
  const rows: LastResult[] = await resultsOfRuns(db, [run.id])
    .orderBy('r.position', 'desc')
    .select('r.transaction_id', 'r.position', 'r.outcome', 'r.response_us');
  return new Map(rows.map((row) => [row.transaction_id, row]));
}

/** The figures tell it, unless there were several codes; then the newest row with one is looked for, in the day that has it. */
async function lastErrorCode(
  db: CustomerDb,
  { id, monitor_id }: TransactionRow,
  { codes }: Figures,
  { from, to }: Period,
): Promise<string | null> {
  const [code, ...others] = codes.keys();
  if (others.length === 0) return code ?? null;
  const days = () => newestDays(db, { monitor_id, scope: 'all', transaction_id: id }, to);
  const closed = await days().first('day');
  const recent = await lastCodeIn(db, id, { from: Math.max(from, closed?.day ?? from), to });
  if (recent !== null || !closed) return recent;
  const day = await days().whereNot({ codes: '{}' }).where('day', '<', closed.day).first('day');
  return day ? lastCodeIn(db, id, { from: Math.max(from, day.day), to: Math.min(to, day.day + longestDayMs) }) : null;
}

async function lastCodeIn(db: CustomerDb, transactionId: number, { from, to }: Period): Promise<string | null> {
  const newest: Pick<TransactionResultRow, 'error_code'> | undefined = await db('transaction_results as r')
    .join('runs', 'runs.id', 'r.run_id')
    .where({ 'r.transaction_id': transactionId, 'runs.counts': 1 })
    .where('r.started_at', '>=', from)
    .where('r.started_at', '<', to)
    .whereNotNull('r.error_code')
    .orderBy('r.started_at', 'desc')
    .first('r.error_code');
  return newest?.error_code ?? null;
}
