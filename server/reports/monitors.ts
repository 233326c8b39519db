import type { ScriptRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { calendarOf } from '../rollups/calendar.ts';
import { coverageOf } from '../rollups/coverage.ts';
import { availability } from '../rollups/figures.ts';
import { sealedUntil } from '../rollups/sealed-hours.ts';
import { Tally } from '../rollups/tally.ts';
import { watchedMonitors } from '../rollups/watched.ts';
import { gather } from './gather.ts';
import { toldPeriod } from './period.ts';
import { newestRuns, type StripRow } from './recent-runs.ts';
import { rule } from './rule.ts';
import type { Monitor, MonitorAnswer, MonitorsAnswer, Period, StripRun } from './shapes.ts';
import { standing } from './standing.ts';
import { type Subject, subjectOf } from './subject.ts';
import { transactionSummaries } from './transaction-summaries.ts';

const stripLength = 40;

/** Every monitor of the customer over the period, as it stands at `now` (ms), by name. */
export async function monitorList(db: CustomerDb, period: Period, now: number): Promise<Monitor[]> {
  return (await monitorsAnswer(db, period, now)).monitors;
}

/** One monitor; undefined when the customer has no such. */
export async function monitor(
  db: CustomerDb,
  monitorId: string,
  period: Period,
  now: number,
): Promise<Monitor | undefined> {
  return (await monitorAnswer(db, monitorId, period, now))?.monitor;
}

/** The same with the period that is told of and the rule. */
export async function monitorsAnswer(db: CustomerDb, asked: Period, now: number): Promise<MonitorsAnswer> {
  const calendar = await calendarOf(db);
  const period = toldPeriod(asked, calendar.timeZone, await sealedUntil(db));
  const monitors: Monitor[] = [];
  for (const watched of (await watchedMonitors(db)).values()) {
    if (watched.monitor.retired_at !== null) continue;
    monitors.push(await present(db, { watched, calendar }, period, now));
  }
  return { period, rule, monitors };
}

export async function monitorAnswer(
  db: CustomerDb,
  monitorId: string,
  asked: Period,
  now: number,
): Promise<MonitorAnswer | undefined> {
  const subject = await subjectOf(db, monitorId);
  if (!subject) return undefined;
  const archivedUntil = await sealedUntil(db);
  const period = toldPeriod(asked, subject.calendar.timeZone, archivedUntil);
  return { period, rule, monitor: await present(db, subject, period, now), archivedUntil };
}

async function present(db: CustomerDb, subject: Subject, period: Period, now: number): Promise<Monitor> {
  const { monitor: row } = subject.watched;
  const series = await gather(db, { ...subject, bounds: [period.from, period.to], by: 'all', now });
  const tallies = new Map(series.map((one) => [one.transactionId, one.tallies.get(0) ?? new Tally()]));
  const whole = tallies.get(0) ?? new Tally();
  const counts = whole.counts();
  const newest = await newestRuns(db, row.id, now, stripLength);
  const use: { baseURL?: string } = JSON.parse(row.use);
  const { state, since, trouble } = await standing(db, row, now);
  return {
    id: row.id,
    name: row.name,
    script: { name: await scriptName(db, row.script_id), version: row.script_version },
    ...{ everyMs: row.every_ms, cron: row.cron, hours: row.hours, timeZone: row.time_zone },
    baseURL: use.baseURL ?? '',
    ...{ state, since, trouble },
    availability: availability(whole.figures),
    coverage: coverageOf(counts),
    counts,
    transactions: await transactionSummaries(db, row.id, tallies, period, newest),
    lastRun: newest[0] ? presentLast(newest[0]) : null,
    strip: newest.map(presentStripRun).toReversed(),
  };
}

async function scriptName(db: CustomerDb, id: string): Promise<string> {
  const script = await db<ScriptRow>('scripts').where({ id }).first('name');
  return script?.name ?? '';
}

function presentLast(run: StripRow) {
  return { id: runIdOf(run.id), startedAt: run.started_at, outcome: run.outcome };
}

function presentStripRun(run: StripRow): StripRun {
  return { ...presentLast(run), errorCode: run.error_code };
}
