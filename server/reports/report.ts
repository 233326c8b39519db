import type { LocationRow, SentinelRow, TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { Refused, TooMuch } from '../http/refused.ts';
import type { Calendar } from '../rollups/calendar.ts';
import { coverageOf } from '../rollups/coverage.ts';
import { availability, meanUs, quantilesUs } from '../rollups/figures.ts';
import { hoursFrom } from '../rollups/kept-hours.ts';
import type { Tally } from '../rollups/tally.ts';
import { exclusionsOf } from './exclusions.ts';
import { gather, type Series } from './gather.ts';
import { inTurns } from './in-turns.ts';
import { keptStep } from './kept-step.ts';
import { rule } from './rule.ts';
import type { Group, Period, ReportAnswer, ReportPoint, Step } from './shapes.ts';
import { boundsOf } from './steps.ts';
import { type Subject, subjectOf } from './subject.ts';

export interface ReportQuestion {
  period: Period;
  step: Step;
  /** Steps of one page. */
  limit: number;
  /** Where the page begins: `next` of the one before. */
  after?: number | undefined;
  /** The customer's, if left out. */
  timeZone?: string | undefined;
  group: readonly Group[];
  /** Names; all if left out. */
  transactions?: readonly string[] | undefined;
  businessHours: boolean;
  maintenance: 'included' | 'excluded';
}

/** Points that one answer tells at most: some 9 MB. */
const mostPoints = 30_000;

/**
 * Figures of one monitor over a period, step by step: of its runs, and of its transactions, at all places or each. The
 * period is widened to whole steps. Undefined when the customer has no such monitor. Throws `Refused` where the answer
 * would be too long, or where what is kept can't tell these steps apart.
 */
export async function report(
  db: CustomerDb,
  monitorId: string,
  question: ReportQuestion,
  now: number,
): Promise<ReportAnswer | undefined> {
  const subject = await subjectOf(db, monitorId);
  if (!subject) return undefined;
  const { period, group, limit, after = period.from } = question;
  const step = await keptStep(db, monitorId, period, question.step);
  if (after >= period.to) throw new Refused('after: must be before to');
  const timeZone = question.timeZone ?? subject.calendar.timeZone;
  await refuseOtherDays(db, monitorId, subject.calendar, { from: period.from, timeZone });
  const bounds = boundsOf({ from: Math.max(after, period.from), to: period.to }, step, timeZone, limit);
  const end = bounds.at(-1) ?? period.to;
  const names = await namesOf(db, subject, question);
  refuseTooMany(bounds.length - 1, names);
  const wishes = { businessOnly: question.businessHours, withoutMaintenance: question.maintenance === 'excluded' };
  const series = await gather(db, {
    ...subject,
    bounds,
    by: group.find((one) => one !== 'transaction') ?? 'all',
    transactionIds: [0, ...names.transactions.keys()],
    exclusions: await exclusionsOf(
      db,
      monitorId,
      subject.calendar,
      { from: bounds[0] ?? period.from, to: end },
      wishes,
    ),
    now,
  });
  return {
    period: { from: bounds[0] ?? period.from, to: end },
    step,
    timeZone,
    rule: ruleOf(question, subject.calendar),
    series: await Array.fromAsync(inOrder(series, names), (one) => present(one, bounds, names)),
    next: end < period.to ? end : null,
  };
}

/** Where hours are gone nothing can be told of days of another zone. */
async function refuseOtherDays(
  db: CustomerDb,
  monitorId: string,
  calendar: Calendar,
  asked: { from: number; timeZone: string },
): Promise<void> {
  const kept = await hoursFrom(db, monitorId);
  if (asked.timeZone === calendar.timeZone || asked.from >= kept) return;
  const since = new Date(kept).toISOString();
  throw new Refused(`timeZone: before ${since} there are figures of days of ${calendar.timeZone} alone: ask for those`);
}

interface Names {
  /** Those that are told of, by id, in the script's order. */
  transactions: ReadonlyMap<number, string>;
  locations: ReadonlyMap<string, string>;
  sentinels: ReadonlyMap<string, string>;
}

async function namesOf(db: CustomerDb, { watched }: Subject, { group, transactions }: ReportQuestion): Promise<Names> {
  const all = await db<TransactionRow>('transactions')
    .where({ monitor_id: watched.monitor.id })
    .orderBy(['position', 'id']);
  const wanted = all.filter(({ name }) => transactions?.includes(name) ?? group.includes('transaction'));
  const unknown = transactions?.find((name) => all.every((row) => row.name !== name));
  if (unknown !== undefined) throw new Refused(`transaction: the monitor has none called "${unknown}"`);
  const locations = group.includes('location') ? await db<LocationRow>('locations') : [];
  const sentinels = group.includes('sentinel') ? await db<SentinelRow>('sentinels').select('id', 'name') : [];
  return {
    transactions: new Map(wanted.map(({ id, name }) => [id, name])),
    locations: new Map(locations.map(({ id, name }) => [id, name])),
    sentinels: new Map(sentinels.map(({ id, name }) => [id, name])),
  };
}

function refuseTooMany(steps: number, { transactions, locations, sentinels }: Names): void {
  const series = (1 + transactions.size) * Math.max(1, locations.size, sentinels.size);
  if (steps * series <= mostPoints) return;
  const most = Math.floor(mostPoints / series);
  throw new TooMuch(
    `limit: ${steps} steps of ${series} series are more than the ${mostPoints} points that one answer tells: ` +
      `ask for ${most > 0 ? `at most ${most} steps at once, or for ` : ''}one transaction, or without telling places apart`,
  );
}

/** Whole runs first, then transactions as in the script; places by name. */
function inOrder(series: readonly Series[], { transactions, locations, sentinels }: Names): Series[] {
  const places = [...(locations.size > 0 ? locations : sentinels)].sort(([, a], [, b]) => a.localeCompare(b));
  const rank = new Map(places.map(([id], i) => [id, i]));
  const turn = new Map([0, ...transactions.keys()].map((id, i) => [id, i]));
  const placeOf = ({ place }: Series) => rank.get(place) ?? places.length;
  const turnOf = ({ transactionId }: Series) => turn.get(transactionId) ?? turn.size;
  return series.toSorted((a, b) => placeOf(a) - placeOf(b) || turnOf(a) - turnOf(b) || (a.place < b.place ? -1 : 1));
}

async function present(
  { transactionId, place, tallies }: Series,
  bounds: readonly number[],
  { transactions, locations, sentinels }: Names,
): Promise<ReportAnswer['series'][number]> {
  const named = (names: ReadonlyMap<string, string>) =>
    names.size === 0 ? null : { id: place, name: names.get(place) ?? place };
  const points: ReportPoint[] = [];
  for await (const some of inTurns([...tallies].sort(([a], [b]) => a - b))) {
    points.push(...some.map(([step, tally]) => presentPoint(transactionId, step, tally, bounds)));
  }
  return {
    transaction: transactions.get(transactionId) ?? null,
    location: named(locations),
    sentinel: named(sentinels),
    points,
  };
}

function presentPoint(transactionId: number, step: number, tally: Tally, bounds: readonly number[]): ReportPoint {
  return {
    ...{ from: bounds[step] ?? 0, to: bounds[step + 1] ?? 0 },
    ...presentCounts(transactionId, tally),
    ...presentTimes(tally),
  };
}

function presentCounts(transactionId: number, tally: Tally) {
  const { passed, failed, errored, skipped, codes } = tally.figures;
  const counts = transactionId === 0 ? tally.counts() : undefined;
  return {
    ...{ passed, failed, errored, skipped: counts?.skipped ?? skipped },
    availability: availability(tally.figures),
    ...{ expected: counts?.expected ?? null, lost: counts?.lost ?? null, skippedBy: counts?.skippedBy ?? {} },
    coverage: counts ? coverageOf(counts) : null,
    errorCodes: Object.fromEntries([...codes].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function presentTimes({ figures }: Tally) {
  const [p50Us = null, p90Us = null, p95Us = null, p99Us = null] = quantilesUs(figures, [0.5, 0.9, 0.95, 0.99]);
  return { p50Us, p90Us, p95Us, p99Us, meanUs: meanUs(figures), minUs: figures.minUs, maxUs: figures.maxUs };
}

/** How figures are counted, and what was left out. */
export function ruleOf(
  { businessHours, maintenance }: Pick<ReportQuestion, 'businessHours' | 'maintenance'>,
  calendar: Calendar,
): string {
  const hours = `Only hours that begin within ${calendar.businessHours} (${calendar.timeZone}) are counted.`;
  return [
    rule,
    'Percentiles and means are of passed runs and transactions, percentiles within 1 %.',
    ...(businessHours ? [hours] : []),
    ...(maintenance === 'excluded' ? ['Hours that a maintenance has a part in are left out whole.'] : []),
  ].join(' ');
}
