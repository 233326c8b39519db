import type { DayRollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import { Refused } from '../http/refused.ts';
import type { Calendar } from '../rollups/calendar.ts';
import { closedUntil } from '../rollups/closed-until.ts';
import { settledUntil } from '../rollups/coverage.ts';
import { type Duty, dutiesIn } from '../rollups/duties.ts';
import { figureColumns } from '../rollups/figures.ts';
import { hourMs } from '../rollups/hours.ts';
import { hoursFrom, outsideMaintenance, toMiddleMs } from '../rollups/kept-hours.ts';
import { hourFrom, localHour, localHours } from '../rollups/local-hours.ts';
import { readable, resultsBetween } from '../rollups/results.ts';
import { hoursBetween } from '../rollups/roll-up-day.ts';
import { sealedUntil } from '../rollups/sealed-hours.ts';
import { Tally } from '../rollups/tally.ts';
import { together } from '../rollups/together.ts';
import type { Watched } from '../rollups/watched.ts';
import { type Exclusions, noExclusions } from './exclusions.ts';
import { inTurns } from './in-turns.ts';
import { dayMs, rowsLimitMs } from './period.ts';
import type { Period } from './shapes.ts';
import { type Source, type Span, spansOf } from './sources.ts';

export interface Question {
  watched: Watched;
  /** By which the rollups were made. */
  calendar: Calendar;
  /** Steps lie between two neighbours; rising. */
  bounds: readonly number[];
  /** What is told apart beside transactions. */
  by: DayRollupRow['scope'];
  /** 0: whole runs; all if left out. */
  transactionIds?: readonly number[];
  exclusions?: Exclusions;
  /** ms since 1970 */
  now: number;
}

/** One transaction, or whole runs, at one place. */
export interface Series {
  /** 0: whole runs. */
  transactionId: number;
  /** Id of the location or sentinel; empty where all are one. */
  place: string;
  /** By the number of the step; none of a step in which there was nothing and nothing expected. */
  tallies: Map<number, Tally>;
}

/**
 * All that a report of one monitor tells, whatever its steps: from days and hours as far as they serve, else from rows.
 * Throws `Refused` where that were too many rows.
 */
export async function gather(db: CustomerDb, question: Question): Promise<Series[]> {
  const { watched, calendar, bounds, exclusions = noExclusions } = question;
  const closed = await closedUntil(db, watched, calendar.timeZone);
  const kept = await hoursFrom(db, watched.monitor.id);
  const dayServes = (day: Period) => day.from >= kept && day.to <= closed && exclusions.leavesWhole(day);
  const spans = spansOf(bounds, { timeZone: calendar.timeZone, hoursFrom: kept, dayServes });
  await refuseRows(db, spans, calendar);
  const sheet = new Sheet(bounds);
  const known = { closed, reckoned: hourFrom(question.now + dayMs, calendar.timeZone) };
  for (const span of spans)
    for (const piece of await inPieces(db, span, question))
      await readers[span.source](db, { ...question, ...known }, piece, sheet);
  if (question.transactionIds?.includes(0) ?? true) await addDuties(db, question, openParts(spans, known), sheet);
  return sheet.series();
}

/** What is read at once: all of a year's rows would take gigabytes where many sentinels are told apart. */
async function inPieces(db: CustomerDb, { from, to, source }: Span, { watched, by }: Question): Promise<Period[]> {
  if (source === 'rows') return readable(db, watched.monitor.id, { from, to });
  const days = { hours: 7, days: by === 'all' ? 600 : 60 }[source];
  const count = Math.ceil((to - from) / (days * dayMs));
  return Array.from({ length: count }, (_, i) => {
    const begin = from + i * days * dayMs;
    return { from: begin, to: Math.min(to, begin + days * dayMs) };
  });
}

/** Steps that begin within hours that are kept can be told by rows alone: of few, and of none whose rows are in the archive. */
async function refuseRows(db: CustomerDb, spans: readonly Span[], { timeZone }: Calendar): Promise<void> {
  const rows = spans.filter(({ source }) => source === 'rows');
  const [first] = rows;
  if (!first) return;
  const other = `timeZone: its hours begin at other minutes than those that are kept, which are hours of ${timeZone}: `;
  const archivedUntil = await sealedUntil(db);
  if (first.from < archivedUntil) {
    throw new Refused(`${other}before ${new Date(archivedUntil).toISOString()} there are those alone, ask for them`);
  }
  if (rows.reduce((sum, { from, to }) => sum + to - from, 0) < rowsLimitMs + hourMs) return;
  throw new Refused(`${other}ask for those, or for at most 48 hours`);
}

/** Tallies by series and step. */
class Sheet {
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  tally(transactionId: number, place: string, at: number): Tally {
    const name = `${transactionId} ${place}`;
    const series = this.#series.get(name) ?? { transactionId, place, tallies: new Map<number, Tally>() };
    this.#series.set(name, series);
    const step = this.#stepOf(at);
    const tally = series.tallies.get(step) ?? new Tally();
    series.tallies.set(step, tally);
    return tally;
  }

  series(): Series[] {
    return [...this.#series.values()];
  }

  /** The number of the last bound that is not after `at`. */
  #stepOf(at: number): number {
    let [low, high] = [0, this.#bounds.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#bounds[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Until when (ms) what was expected is known. */
interface Known {
  /** By closed hours. */
  closed: number;
  /**
   * By the schedule, where those do not tell: an hour's end a day from now. Of a clock that is ahead by more there can be runs
   * after, but nothing that is missing: as much is expected as is here, so that these hide nothing that is missing before.
   */
  reckoned: number;
}

type Reader = (db: CustomerDb, question: Question & Known, piece: Period, sheet: Sheet) => Promise<void>;

const readers: Record<Source, Reader> = {
  async rows(db, { watched, by, transactionIds, calendar, exclusions = noExclusions, reckoned }, period, sheet) {
    await forEach(await resultsBetween(db, watched.monitor.id, period, transactionIds), (result) => {
      const { transactionId, locationId, sentinelId, startedAt } = result;
      if (transactionIds && !transactionIds.includes(transactionId)) return;
      if (!exclusions.keep(localHour(startedAt, calendar.timeZone))) return;
      const place = { all: '', location: locationId, sentinel: sentinelId }[by];
      const tally = sheet.tally(transactionId, place, startedAt);
      tally.addResult(result);
      if (transactionId === 0 && startedAt >= reckoned) tally.addDuty(sentinelId, dutyOfOne);
    });
  },
  async hours(
    db,
    { watched, by, transactionIds, exclusions = noExclusions, calendar, closed, reckoned },
    period,
    sheet,
  ) {
    const { id } = watched.monitor;
    const asked = { monitorId: id, transactionIds: transactionIds ?? [] };
    const found = await hoursOf(db, asked, transactionIds ? 'some' : 'all', period.from, period.to);
    await forEach(found.get(id) ?? [], (row) => {
      if (transactionIds && !transactionIds.includes(row.transaction_id)) return; // another monitor asked for it
      if (exclusions !== noExclusions && !exclusions.keep(localHour(row.hour, calendar.timeZone))) return;
      const place = { all: '', location: row.location_id, sentinel: row.sentinel_id }[by];
      // Closed meanwhile: what was expected in it is reckoned by the schedule below, as of all hours after `closed`.
      const expected = row.hour < reckoned ? 0 : row.passed + row.failed + row.errored + row.skipped;
      const told = row.hour < closed ? row : { ...row, expected, requested: 0, told: null };
      sheet.tally(row.transaction_id, place, row.hour).addHour(told);
    });
  },
  async days(db, { watched, by, transactionIds, exclusions = noExclusions }, { from, to }, sheet) {
    const ids: readonly number[] = transactionIds ?? [
      0,
      ...(await db('transactions').where({ monitor_id: watched.monitor.id }).pluck('id')),
    ];
    const business = exclusions.businessOnly ? 1 : 0;
    const middles = { from: from - toMiddleMs, to: to - toMiddleMs };
    const place = { monitor_id: watched.monitor.id, scope: by };
    const kinds = exclusions.withoutMaintenance ? [business, business + outsideMaintenance] : [business];
    const rows = await inChunks(ids, (some) =>
      db<DayRollupRow>('day_rollups')
        .where(place)
        .whereIn('business', kinds)
        .whereIn('transaction_id', some)
        .where('day', '>=', middles.from)
        .where('day', '<', middles.to)
        .select('business', 'transaction_id', 'place', 'day', ...figureColumns, 'told', 'lost'),
    );
    const apart = kinds.length === 1 ? new Set<number>() : await toldApart(db, watched.monitor.id, middles);
    await forEach(rows, (row) => {
      if (apart.has(row.day) !== row.business >= outsideMaintenance || isMarkAlone(row)) return;
      sheet.tally(row.transaction_id, row.place, row.day + toMiddleMs).addDay(row);
    });
  },
};

const dutyOfOne: Duty = { expected: 1, requested: 0, skips: new Map() };

interface Asked {
  monitorId: string;
  transactionIds: readonly number[];
}

const hoursOf = together(async (db, asked: readonly Asked[], which: 'all' | 'some', from: number, to: number) => {
  const monitorIds = asked.map(({ monitorId }) => monitorId);
  const all = () => hoursBetween(db, monitorIds, { from, to });
  const ids = [...new Set(asked.flatMap((one) => one.transactionIds))];
  const rows = which === 'all' ? await all() : await inChunks(ids, (some) => all().whereIn('transaction_id', some));
  return Map.groupBy(rows, (row) => row.monitor_id);
});

/** Days without hours of which it was written down what there was outside of maintenance. */
async function toldApart(db: CustomerDb, monitor_id: string, { from, to }: Period): Promise<Set<number>> {
  const told: number[] = await db<DayRollupRow>('day_rollups')
    .where({ monitor_id, scope: 'all', business: outsideMaintenance, transaction_id: 0 })
    .where('day', '>=', from)
    .where('day', '<', to)
    .pluck('day');
  return new Set(told);
}

/** Of a day that lay in a maintenance whole: it tells of nothing. */
function isMarkAlone({
  passed,
  failed,
  errored,
  skipped,
  lost,
  told,
}: Omit<DayRollupRow, 'monitor_id' | 'scope'>): boolean {
  return passed + failed + errored + skipped + lost === 0 && told === null;
}

async function forEach<Row>(rows: readonly Row[], add: (row: Row) => void): Promise<void> {
  for await (const some of inTurns(rows)) some.forEach(add);
}

/** Time of which the schedule tells what was expected. */
function openParts(spans: readonly Span[], { closed, reckoned }: Known): Period[] {
  const from: Record<Source, (span: Span) => number> = {
    rows: (span) => span.from,
    hours: (span) => Math.max(span.from, closed),
    days: (span) => span.to,
  };
  const parts = spans.map((span) => ({ from: from[span.source](span), to: Math.min(span.to, reckoned) }));
  return parts.filter((part) => part.from < part.to);
}

/** What was asked of each sentinel in these parts is reckoned by the schedule. */
async function addDuties(db: CustomerDb, question: Question, open: readonly Period[], sheet: Sheet): Promise<void> {
  const { watched, by, now } = question;
  const [first, last] = [open[0], open.at(-1)];
  if (!first || !last) return;
  const settled = settledUntil(watched.monitor, now);
  const dutyOf = await dutiesIn(db, watched, { from: first.from, to: last.to }, settled);
  for await (const some of inTurns(shares(open, question))) {
    for (const { part, sentinel } of some) {
      const duty = dutyOf(sentinel, part);
      if (duty.expected + duty.requested + duty.skips.size === 0) continue;
      const place = { all: '', location: sentinel.location_id, sentinel: sentinel.id }[by];
      sheet.tally(0, place, part.from).addDuty(sentinel.id, duty);
    }
  }
}

/** Each sentinel's in each part. */
function* shares(open: readonly Period[], question: Question) {
  for (const period of open)
    for (const part of inSteps(period, question))
      for (const sentinel of question.watched.sentinels) yield { part, sentinel };
}

/** The parts of a period that belong to one step each and are not left out. */
function inSteps({ from, to }: Period, { bounds, calendar, exclusions = noExclusions }: Question): Period[] {
  const steps = bounds.slice(0, -1).map((begin, i) => ({
    from: Math.max(begin, from),
    to: Math.min(bounds[i + 1] ?? begin, to),
  }));
  const parts = steps.filter((part) => part.from < part.to);
  if (exclusions === noExclusions) return parts;
  return parts.flatMap((part) => {
    const hours = localHours(part, calendar.timeZone).filter((hour) => exclusions.keep(hour));
    return hours.map((hour) => ({ from: Math.max(hour.from, part.from), to: Math.min(hour.to, part.to) }));
  });
}
