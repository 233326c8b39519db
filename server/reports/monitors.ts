import type { MonitorRow, MonitorSentinelRow, SentinelRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { availability, noFigures } from '../rollups/figures.ts';
import { countsOf, coverageOf, expectedBy, settledUntil } from './coverage.ts';
import { figuresOf } from './figures-of.ts';
import { type Parts, partsOf } from './period.ts';
import { newestRuns, type StripRow } from './recent-runs.ts';
import type { Monitor, Period, StripRun } from './shapes.ts';
import { standing } from './standing.ts';
import { transactionSummaries } from './transaction-summaries.ts';

/** How availability is counted; printed with every report. */
export const rule =
  'Availability is passed ÷ (passed + failed) runs; errored and skipped runs count in neither, of a failed run and its confirming one only one counts, and coverage tells how much was measured.';

const stripLength = 40;

type Row = MonitorRow & { script_name: string };
type Sentinel = Pick<SentinelRow, 'id' | 'enrolled_at' | 'revoked_at'>;

/** Every monitor of the customer over the period, as it stands at `now` (ms), by name. */
export async function monitorList(db: CustomerDb, period: Period, now: number): Promise<Monitor[]> {
  const sentinelsOf = await assignedSentinels(db);
  const monitors: Monitor[] = [];
  for (const row of await monitorRows(db).orderBy('monitors.name')) {
    monitors.push(await present(db, row, sentinelsOf(row.id), partsOf(period), now));
  }
  return monitors;
}

/** One monitor; undefined when the customer has no such. */
export async function monitor(
  db: CustomerDb,
  monitorId: string,
  period: Period,
  now: number,
): Promise<Monitor | undefined> {
  const [row] = await monitorRows(db).where('monitors.id', monitorId);
  if (!row) return undefined;
  const sentinelsOf = await assignedSentinels(db);
  return present(db, row, sentinelsOf(row.id), partsOf(period), now);
}

function monitorRows(db: CustomerDb) {
  return db('monitors')
    .join('scripts', 'scripts.id', 'monitors.script_id')
    .select<Row[]>('monitors.*', { script_name: 'scripts.name' });
}

async function assignedSentinels(db: CustomerDb): Promise<(monitorId: string) => Sentinel[]> {
  const all: Sentinel[] = await db<SentinelRow>('sentinels').select('id', 'enrolled_at', 'revoked_at');
  const chosen = Map.groupBy(await db<MonitorSentinelRow>('monitor_sentinels'), (row) => row.monitor_id);
  return (monitorId) => {
    const ids = chosen.get(monitorId)?.map((row) => row.sentinel_id);
    return ids ? all.filter(({ id }) => ids.includes(id)) : all;
  };
}

async function present(
  db: CustomerDb,
  row: Row,
  sentinels: readonly Sentinel[],
  parts: Parts,
  now: number,
): Promise<Monitor> {
  const figures = await figuresOf(db, row.id, parts);
  const whole = figures.get(0) ?? noFigures();
  const expected = expectedBy(row, sentinels, parts.period, now) + (await earlyRuns(db, row, parts.period, now));
  const counts = countsOf(whole, expected);
  const newest = await newestRuns(db, row.id, now).limit(stripLength);
  const use: { baseURL?: string } = JSON.parse(row.use);
  return {
    id: row.id,
    name: row.name,
    script: { name: row.script_name, version: row.script_version },
    everyMs: row.every_ms,
    baseURL: use.baseURL ?? '',
    ...(await standing(db, row, now)),
    availability: availability(whole),
    coverage: coverageOf(counts),
    counts,
    transactions: await transactionSummaries(db, row.id, figures, parts.period, newest),
    lastRun: newest[0] ? presentLast(newest[0]) : null,
    strip: newest.map(presentStripRun).toReversed(),
  };
}

/** Runs that are here already though they are not overdue yet: they were evidently expected. */
async function earlyRuns(db: CustomerDb, row: MonitorRow, period: Period, now: number): Promise<number> {
  const settled = settledUntil(row, now);
  if (settled >= period.to) return 0;
  const [counted] = await db('runs')
    .where({ monitor_id: row.id, counts: 1 })
    .where('started_at', '>=', Math.max(period.from, settled))
    .where('started_at', '<', period.to)
    .whereRaw('due_at + coalesce(clock_offset_ms, 0) >= ?', [settled])
    .select<{ count: number }[]>(db.raw('count(*) as count'));
  return counted?.count ?? 0;
}

function presentLast(run: StripRow) {
  return { id: runIdOf(run.id), startedAt: run.started_at, outcome: run.outcome };
}

function presentStripRun(run: StripRow): StripRun {
  return { ...presentLast(run), errorCode: run.error_code };
}
