import type { LocationRow, MonitorSentinelRow, ScriptRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { tagsOf } from '../assignments/monitor-settings.ts';
import { type Calendar, calendarOf } from '../rollups/calendar.ts';
import { coverageOf } from '../rollups/coverage.ts';
import { addFigures, availability, type Figures, noFigures, quantilesUs } from '../rollups/figures.ts';
import { localHour } from '../rollups/local-hours.ts';
import { Tally } from '../rollups/tally.ts';
import { type Watched, watchedMonitors } from '../rollups/watched.ts';
import { gather } from './gather.ts';
import type { OverviewAnswer, OverviewMonitor, OverviewPlace } from './overview-shapes.ts';
import { dayMs } from './period.ts';
import { rule } from './rule.ts';
import { type IsSlow, slowHours } from './slow-hours.ts';
import { type Standing, standing } from './standing.ts';

const hoursShown = 24;

/** Every monitor at every location over the last 24 hours, and how its runs' p95 stood to the same hours a week before. */
export async function overview(db: CustomerDb, now: number): Promise<OverviewAnswer> {
  const calendar = await calendarOf(db);
  const bounds = hoursUntil(now, calendar.timeZone);
  const names = new Map((await db<LocationRow>('locations').orderBy('name')).map(({ id, name }) => [id, name]));
  const scripts = new Map((await db<ScriptRow>('scripts').select('id', 'name')).map(({ id, name }) => [id, name]));
  const chosen = Map.groupBy(await db<MonitorSentinelRow>('monitor_sentinels'), (row) => row.monitor_id);
  const order = [...names.keys()];
  const subjects = [...(await watchedMonitors(db)).values()]
    .filter(({ monitor }) => monitor.retired_at === null)
    .map((watched) => ({
      watched,
      calendar,
      bounds,
      now,
      order,
      chosen: chosen.get(watched.monitor.id),
      script: scripts.get(watched.monitor.script_id) ?? '',
    }));
  const monitors = await presentAll(db, subjects);
  const shown = new Set(monitors.flatMap(({ places }) => places.map((place) => place.locationId)));
  const locations = [...names].flatMap(([id, name]) => (shown.has(id) ? [{ id, name }] : []));
  return { rule, hours: bounds.slice(0, -1), locations, monitors };
}

/** Where the last hours of the zone begin, the present one included, and where that one ends. */
function hoursUntil(now: number, timeZone: string): number[] {
  const present = localHour(now, timeZone);
  const bounds = [present.from, present.to];
  while (bounds.length <= hoursShown) bounds.unshift(localHour((bounds[0] ?? 0) - 1, timeZone).from);
  return bounds;
}

interface Subject {
  watched: Watched;
  calendar: Calendar;
  bounds: readonly number[];
  now: number;
  /** Ids of all locations. */
  order: readonly string[];
  /** Who runs it; undefined: all. */
  chosen: readonly MonitorSentinelRow[] | undefined;
  script: string;
}

/** What is known of one. */
interface Known {
  stands: Standing;
  slow: IsSlow;
  /** By location and number of the step. */
  here: ReadonlyMap<string, ReadonlyMap<number, Tally>>;
  before: ReadonlyMap<string, ReadonlyMap<number, Tally>>;
}

/** All of them at each step, so that what each has to ask is asked together. */
async function presentAll(db: CustomerDb, subjects: readonly Subject[]): Promise<OverviewMonitor[]> {
  const standings = await each(subjects, async (one) => ({ stands: await standing(db, one.watched.monitor, one.now) }));
  const judged = await each(standings, async (one) => ({ slow: await slowHours(db, one) }));
  const counted = await each(judged, async (one) => ({ here: await wholeRuns(db, one, one.bounds) }));
  const compared = await each(counted, async (one) => ({ before: await wholeRuns(db, one, weekBefore(one.bounds)) }));
  return compared.map((one) => present(one, one));
}

/** Each with what is asked of it. */
function each<One, More>(all: readonly One[], ask: (one: One) => Promise<More>): Promise<(One & More)[]> {
  return Promise.all(all.map(async (one) => ({ ...one, ...(await ask(one)) })));
}

function weekBefore(bounds: readonly number[]): number[] {
  return [(bounds[0] ?? 0) - 7 * dayMs, (bounds.at(-1) ?? 0) - 7 * dayMs];
}

function present(subject: Subject, { stands, slow, here, before }: Known): OverviewMonitor {
  const { watched, bounds, order, chosen, script } = subject;
  const { id, name } = watched.monitor;
  const ids = chosen && new Set(chosen.map((row) => row.sentinel_id)); // of thousands each is looked up
  const running = watched.sentinels.filter((one) => (ids?.has(one.id) ?? true) && one.revoked_at === null);
  const sent = new Set(running.map((one) => one.location_id));
  const places = order
    .filter((place) => here.has(place) || sent.has(place))
    .map((locationId) => ({
      locationId,
      whole: sumOf([...(here.get(locationId)?.values() ?? [])]),
      past: figuresSum([...(before.get(locationId)?.values() ?? [])].map(({ figures }) => figures)),
    }));
  const strip = (place: string, whole: Figures, past: Figures) => {
    const usualUs = medianUs(past) ?? medianUs(whole);
    const tallies = here.get(place) ?? new Map<number, Tally>();
    return stripOf(tallies, bounds.length - 1, (hour, tally) => slow(place, hour, tally, usualUs));
  };
  const [all, allPast] = [sumOf(places.map(({ whole }) => whole)), figuresSum(places.map(({ past }) => past))];
  return {
    ...{ id, name, script, tags: tagsOf(watched.monitor) },
    ...{ state: stands.state, since: stands.since, trouble: stands.trouble },
    ...figuresOf(all, allPast),
    places: places.map(({ locationId, whole, past }) => ({
      locationId,
      state: stateAt(locationId, stands),
      ...figuresOf(whole, past),
      strip: strip(locationId, whole.figures, past),
    })),
  };
}

function stateAt(locationId: string, { state, byLocation }: Standing) {
  return state === 'paused' ? state : (byLocation.get(locationId) ?? 'noData');
}

/** What is known of whole runs, by location and number of the step. */
async function wholeRuns(db: CustomerDb, subject: Subject, bounds: readonly number[]) {
  const series = await gather(db, { ...subject, bounds, by: 'location', transactionIds: [0] });
  return new Map(series.map(({ place, tallies }) => [place, tallies]));
}

function figuresOf(whole: Tally, before: Figures) {
  const [p95Us = null] = quantilesUs(whole.figures, [0.95]);
  const [p95BeforeUs = null] = quantilesUs(before, [0.95]);
  return { availability: availability(whole.figures), coverage: coverageOf(whole.counts()), p95Us, p95BeforeUs };
}

function medianUs(figures: Figures): number | null {
  return quantilesUs(figures, [0.5])[0] ?? null;
}

/** Without whose they are, which of thousands of sentinels costs more than the figures do. */
function figuresSum(all: readonly Figures[]): Figures {
  const sum = noFigures();
  for (const figures of all) addFigures(sum, figures);
  return sum;
}

function sumOf(tallies: readonly Tally[]): Tally {
  const sum = new Tally();
  for (const tally of tallies) sum.add(tally);
  return sum;
}

function stripOf(
  tallies: ReadonlyMap<number, Tally>,
  length: number,
  isSlow: (hour: number, tally: Tally) => boolean,
): OverviewPlace['strip'] {
  const hours = Array.from({ length }, (_, hour) => tallies.get(hour) ?? new Tally());
  const counted = (outcome: 'passed' | 'failed' | 'errored') => hours.map(({ figures }) => figures[outcome]);
  return {
    ...{ passed: counted('passed'), failed: counted('failed'), errored: counted('errored') },
    p95Us: hours.map(({ figures }) => quantilesUs(figures, [0.95])[0] ?? null),
    slow: hours.map((tally, hour) => isSlow(hour, tally)),
  };
}
