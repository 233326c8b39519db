import type { MonitorRow, TransactionRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { meanUs, quantilesUs } from '../rollups/figures.ts';
import { sealedUntil } from '../rollups/sealed-hours.ts';
import type { Tally } from '../rollups/tally.ts';
import { gather } from './gather.ts';
import { inTurns } from './in-turns.ts';
import { keptStep } from './kept-step.ts';
import { maintenanceWindows } from './maintenance-windows.ts';
import type { ChartStep, Period, Point, ResponseTimesAnswer } from './shapes.ts';
import { singleResults } from './single-results.ts';
import { boundsOf, mostSteps } from './steps.ts';
import { subjectOf } from './subject.ts';
import { wrongTransactions } from './wrong-transactions.ts';

/** Failures shown at most, the latest: marks on an axis can't be told apart beyond. */
const maxFailures = 500;
/** Times of maintenance likewise. */
const maxMaintenances = 200;

/**
 * Response times of every transaction over time, in steps of the customer's time zone; the period is widened to whole
 * ones. Percentiles are within 1 %.
 */
export async function responseTimes(
  db: CustomerDb,
  monitorId: string,
  asked: Period,
  askedStep: ChartStep,
  now: number,
): Promise<ResponseTimesAnswer> {
  const subject = await subjectOf(db, monitorId);
  if (!subject) throw new Error(`there is no monitor ${monitorId}`);
  const step = await keptStep(db, monitorId, asked, askedStep);
  const bounds = boundsOf(asked, step, subject.calendar.timeZone, mostSteps);
  const rows = await db<TransactionRow>('transactions').where({ monitor_id: monitorId }).orderBy(['position', 'id']);
  const transactionIds = [0, ...rows.map((row) => row.id)];
  const series = await gather(db, { ...subject, bounds, by: 'all', transactionIds, now });
  const tallies = new Map(series.map((one) => [one.transactionId, one.tallies]));
  const period = { from: bounds[0] ?? asked.from, to: bounds.at(-1) ?? asked.to };
  const limits = thresholdsOf(subject.watched.monitor);
  const single = await singleResults(db, rows, asked);
  const transactions: ResponseTimesAnswer['transactions'] = [];
  for (const { id, name } of rows) {
    const tallied = tallies.get(id);
    if (!tallied) continue;
    const thresholdUs = limits.get(name) ?? null;
    const points = await presentPoints(tallied, bounds);
    transactions.push({ name, thresholdUs, points, results: single.get(id) ?? [] });
  }
  const runs = presentRuns(tallies.get(0) ?? new Map(), bounds);
  const maintenance = await maintenanceIn(db, monitorId, period);
  const archivedUntil = await sealedUntil(db);
  const failures = await failuresIn(db, monitorId, period);
  return { period, step, archivedUntil, transactions, runs, maintenance, failures };
}

function thresholdsOf({ thresholds }: MonitorRow): Map<string, number> {
  return new Map(Object.entries(JSON.parse(thresholds ?? '{}')));
}

function presentRuns(tallies: ReadonlyMap<number, Tally>, bounds: readonly number[]): ResponseTimesAnswer['runs'] {
  const inOrder = [...tallies].sort(([a], [b]) => a - b);
  return inOrder.map(([step, tally]) => {
    const { passed, failed, errored } = tally.figures;
    const [p95Us = null] = quantilesUs(tally.figures, [0.95]);
    return { at: bounds[step] ?? 0, passed, failed, errored, lost: tally.counts().lost, p95Us };
  });
}

async function maintenanceIn(db: CustomerDb, monitorId: string, { from, to }: Period) {
  const windows = await maintenanceWindows(db, monitorId, { from, to });
  return windows.slice(-maxMaintenances).toReversed();
}

async function presentPoints(tallies: ReadonlyMap<number, Tally>, bounds: readonly number[]): Promise<Point[]> {
  const points: Point[] = [];
  for await (const some of inTurns([...tallies].sort(([a], [b]) => a - b))) {
    points.push(...some.map(([step, tally]) => presentPoint(bounds[step] ?? 0, tally)));
  }
  return points;
}

function presentPoint(at: number, { figures }: Tally): Point {
  const [p50Us = null, p95Us = null] = quantilesUs(figures, [0.5, 0.95]);
  const { passed, failed, minUs, maxUs } = figures;
  return { at, passed, failed, p50Us, p95Us, minUs, maxUs, meanUs: meanUs(figures) };
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
