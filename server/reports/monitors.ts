import type { MonitorRow, MonitorSentinelRow, SentinelRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { type Era, eras } from '../assignments/schedules.ts';
import { availability, noFigures } from '../rollups/figures.ts';
import { countsOf, coverageOf } from './coverage.ts';
import { figuresOf } from './figures-of.ts';
import { type Parts, partsOf } from './period.ts';
import { newestRuns, type StripRow } from './recent-runs.ts';
import type { Monitor, Period, StripRun } from './shapes.ts';
import { sharesOf } from './shares.ts';
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
  const watch = await watching(db);
  const monitors: Monitor[] = [];
  for (const row of await monitorRows(db).orderBy('monitors.name')) {
    monitors.push(await present(db, watch(row), partsOf(period), now));
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
  const watch = await watching(db);
  return present(db, watch(row), partsOf(period), now);
}

function monitorRows(db: CustomerDb) {
  return db('monitors')
    .join('scripts', 'scripts.id', 'monitors.script_id')
    .select<Row[]>('monitors.*', { script_name: 'scripts.name' });
}

interface Watched {
  monitor: Row;
  eras: Era[];
  sentinels: Sentinel[];
}

async function watching(db: CustomerDb): Promise<(monitor: Row) => Watched> {
  const [sentinelsOf, erasOf] = [await assignedSentinels(db), await eras(db)];
  return (monitor) => ({ monitor, eras: erasOf(monitor), sentinels: sentinelsOf(monitor.id) });
}

async function assignedSentinels(db: CustomerDb): Promise<(monitorId: string) => Sentinel[]> {
  const all: Sentinel[] = await db<SentinelRow>('sentinels').select('id', 'enrolled_at', 'revoked_at');
  const chosen = Map.groupBy(await db<MonitorSentinelRow>('monitor_sentinels'), (row) => row.monitor_id);
  return (monitorId) => {
    const ids = chosen.get(monitorId)?.map((row) => row.sentinel_id);
    return ids ? all.filter(({ id }) => ids.includes(id)) : all;
  };
}

async function present(db: CustomerDb, watched: Watched, parts: Parts, now: number): Promise<Monitor> {
  const { monitor: row } = watched;
  const { figures, runsAt } = await figuresOf(db, row.id, parts);
  const whole = figures.get(0) ?? noFigures();
  const counts = countsOf(whole, await sharesOf(db, watched, runsAt, parts.period, now));
  const newest = await newestRuns(db, row.id, now).limit(stripLength);
  const use: { baseURL?: string } = JSON.parse(row.use);
  return {
    id: row.id,
    name: row.name,
    script: { name: row.script_name, version: row.script_version },
    ...{ everyMs: row.every_ms, cron: row.cron, hours: row.hours, timeZone: row.time_zone },
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

function presentLast(run: StripRow) {
  return { id: runIdOf(run.id), startedAt: run.started_at, outcome: run.outcome };
}

function presentStripRun(run: StripRow): StripRun {
  return { ...presentLast(run), errorCode: run.error_code };
}
