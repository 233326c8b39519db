import type { TransactionRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { addResult, addRollup, type Figures, meanUs, noFigures, quantilesUs } from '../rollups/figures.ts';
import { hourMs } from '../rollups/hours.ts';
import { resultsBetween } from '../rollups/results.ts';
import { entryOf, rollupsBetween } from './figures-of.ts';
import { dayMs } from './period.ts';
import type { Period, Point, ResponseTimesAnswer, Step } from './shapes.ts';
import { wrongTransactions } from './wrong-transactions.ts';

const stepMs: Record<Step, number> = { minute: 60_000, hour: hourMs, day: dayMs };
/** Failures shown at most, the latest: marks on an axis can't be told apart beyond. */
const maxFailures = 500;

/** What fell into one step: figures, and for a minute the times themselves. */
interface Bucket {
  figures: Figures;
  times: number[];
}

/** By transaction and by the instant the step begins. */
type Buckets = Map<number, Map<number, Bucket>>;

/**
 * Response times of every transaction over time. Hours and days (of UTC) read rollups, and the period is widened to whole
 * ones; percentiles are within 1 %. Minutes read rows, and their percentiles are exact.
 */
export async function responseTimes(
  db: CustomerDb,
  monitorId: string,
  asked: Period,
  step: Step,
): Promise<ResponseTimesAnswer> {
  const period = widened(asked, step === 'minute' ? 1 : stepMs[step]);
  const buckets = await (step === 'minute' ? fromRows : fromRollups)(db, monitorId, period, stepMs[step]);
  const rows = await db<TransactionRow>('transactions').where({ monitor_id: monitorId }).orderBy(['position', 'id']);
  const transactions = rows.flatMap(({ id, name }) => {
    const points = buckets.get(id);
    return points ? [{ name, points: presentPoints(points) }] : [];
  });
  return { period, step, transactions, failures: await failuresIn(db, monitorId, period) };
}

function widened({ from, to }: Period, unitMs: number): Period {
  return { from: Math.floor(from / unitMs) * unitMs, to: Math.ceil(to / unitMs) * unitMs };
}

function bucketOf(buckets: Buckets, transactionId: number, at: number, unitMs: number): Bucket {
  const points = entryOf(buckets, transactionId, () => new Map<number, Bucket>());
  return entryOf(points, Math.floor(at / unitMs) * unitMs, () => ({ figures: noFigures(), times: [] }));
}

async function fromRollups(db: CustomerDb, monitorId: string, period: Period, unitMs: number): Promise<Buckets> {
  const buckets: Buckets = new Map();
  for (const row of await rollupsBetween(db, monitorId, period)) {
    addRollup(bucketOf(buckets, row.transaction_id, row.hour, unitMs).figures, row);
  }
  return buckets;
}

async function fromRows(db: CustomerDb, monitorId: string, { from, to }: Period, unitMs: number): Promise<Buckets> {
  const buckets: Buckets = new Map();
  for (const result of await resultsBetween(db, monitorId, from, to)) {
    const bucket = bucketOf(buckets, result.transactionId, result.startedAt, unitMs);
    addResult(bucket.figures, result);
    if (result.outcome === 'passed' && result.timeUs !== null) bucket.times.push(result.timeUs);
  }
  return buckets;
}

function presentPoints(points: ReadonlyMap<number, Bucket>): Point[] {
  const inOrder = [...points].sort(([a], [b]) => a - b);
  return inOrder.map(([at, { figures, times }]) => {
    const sorted = times.toSorted((a, b) => a - b);
    const percentile = (q: number) => (sorted.length > 0 ? exact(sorted, q) : (quantilesUs(figures, [q])[0] ?? null));
    return {
      at,
      passed: figures.passed,
      failed: figures.failed,
      p50Us: percentile(0.5),
      p95Us: percentile(0.95),
      minUs: figures.minUs,
      maxUs: figures.maxUs,
      meanUs: meanUs(figures),
    };
  });
}

/** By nearest rank, as in sketches. */
function exact(sorted: readonly number[], q: number): number | null {
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? null;
}

async function failuresIn(db: CustomerDb, monitorId: string, { from, to }: Period) {
  const rows: { id: Uint8Array; started_at: number; error_code: string | null }[] = await db('runs')
    .where({ monitor_id: monitorId, outcome: 'failed', counts: 1 })
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .orderBy('started_at', 'desc')
    .limit(maxFailures)
    .select('id', 'started_at', 'error_code');
  const wrong = await wrongTransactions(
    db,
    rows.map((row) => row.id),
  );
  return rows.toReversed().map((row) => ({
    at: row.started_at,
    runId: runIdOf(row.id),
    transaction: wrong.get(row.id)?.name ?? null,
    errorCode: row.error_code ?? wrong.get(row.id)?.errorCode ?? null,
  }));
}
