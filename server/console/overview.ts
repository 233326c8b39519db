import type { MonitorState, Overview } from './api/types.ts';
import { matches, words } from './messages/messages.ts';

/* What the overview shows and in which order: pure, so that it can be tested. */

export type OverviewMonitor = Overview['monitors'][number];
type Place = OverviewMonitor['places'][number];
export type Strip = Place['strip'];

const groupings = ['none', 'tag', 'location', 'script'] as const;
export type Grouping = (typeof groupings)[number];

/** What monitors can be grouped by so that it says something. */
export function groupsOf({ monitors, locations }: Overview): Grouping[] {
  const scripts = new Set(monitors.map((monitor) => monitor.script));
  return [
    ...(monitors.some(({ tags }) => tags.length > 0) ? (['tag'] as const) : []),
    ...(locations.length > 1 ? (['location'] as const) : []),
    ...(scripts.size > 1 ? (['script'] as const) : []),
  ];
}

/** What the address says of the overview. */
export interface View {
  typed: string;
  state: MonitorState | undefined;
  group: Grouping;
}

const urgency = { failing: 0, degraded: 1, noData: 2, up: 3, paused: 4 } as const satisfies Record<
  MonitorState,
  number
>;
export const states = Object.keys(urgency) as readonly MonitorState[];

/** Reads `?q=…&state=failing&group=location`; what makes no sense is left out. */
export function readView(search: string): View {
  const query = new URLSearchParams(search);
  return {
    typed: query.get('q') ?? '',
    state: states.find((state) => state === query.get('state')),
    group: groupings.find((group) => group === query.get('group')) ?? 'none',
  };
}

export function writeView({ typed, state, group }: View, search: string): string {
  const query = new URLSearchParams(search);
  for (const key of ['q', 'state', 'group']) query.delete(key);
  if (typed !== '') query.set('q', typed);
  if (state) query.set('state', state);
  if (group !== 'none') query.set('group', group);
  return query.toString();
}

/** A line of the overview: a monitor at all its locations, or at the one of the group it stands in. */
export interface Row {
  key: string;
  monitor: OverviewMonitor;
  /** Null: all. */
  place: Place | null;
}

export interface Section {
  /** Of the tag, location or script; null where nothing is grouped. */
  title: string | null;
  rows: readonly Row[];
}

/** The lines that the view asks for, in their groups, the worst first. */
export function sections({ monitors, locations }: Overview, view: View): Section[] {
  const locationOf = new Map(locations.map(({ id, name }) => [id, name]));
  const shown = monitors
    .filter((monitor) => matches(view.typed, textsOf(monitor, locationOf)))
    .map((monitor) => ({ key: monitor.id, monitor, place: null }));
  const sorted = (rows: readonly Row[]) =>
    rows.filter((row) => !view.state || standOf(row).state === view.state).toSorted(worstFirst);
  const grouped = (titles: readonly string[], rowsOf: (title: string) => readonly Row[]): Section[] =>
    titles
      .map((title) => ({ title, rows: sorted(rowsOf(title)) }))
      .filter(({ rows }) => rows.length > 0)
      .toSorted((a, b) => worst(a.rows) - worst(b.rows));
  if (view.group === 'tag') {
    const tagged = shown.flatMap((row) =>
      tagsOf(row.monitor).map((tag) => ({ tag, row: { ...row, key: `${row.key} ${tag}` } })),
    );
    const byTag = Map.groupBy(tagged, ({ tag }) => tag);
    return grouped([...byTag.keys()].sort(), (tag) => (byTag.get(tag) ?? []).map(({ row }) => row));
  }
  if (view.group === 'script') {
    const byScript = Map.groupBy(shown, ({ monitor }) => monitor.script);
    return grouped([...byScript.keys()].sort(), (title) => byScript.get(title) ?? []);
  }
  if (view.group === 'location') {
    const atPlace = shown.flatMap(({ monitor }) => monitor.places.map((place) => placed(monitor, place)));
    const byPlace = Map.groupBy(atPlace, ({ place }) => locationOf.get(place.locationId) ?? '');
    return grouped([...byPlace.keys()].sort(), (title) => byPlace.get(title) ?? []);
  }
  return [{ title: null, rows: sorted(shown) }];
}

function placed(monitor: OverviewMonitor, place: Place) {
  return { key: `${monitor.id} ${place.locationId}`, monitor, place };
}

/** State and figures of a line. */
export function standOf({ monitor, place }: Pick<Row, 'monitor' | 'place'>) {
  return place ?? monitor;
}

function tagsOf({ tags }: OverviewMonitor): readonly string[] {
  return tags.length > 0 ? tags : [words.overviewPage.untagged];
}

function textsOf({ name, script, tags, places }: OverviewMonitor, locationOf: ReadonlyMap<string, string>): string[] {
  return [name, script, ...tags, ...places.map((place) => locationOf.get(place.locationId) ?? '')];
}

function worst(rows: readonly Row[]): number {
  return Math.min(...rows.map((row) => urgency[standOf(row).state]));
}

// By whole per cents of availability: what changes with every run would have lines jump about.
function worstFirst(a: Row, b: Row): number {
  const [x, y] = [standOf(a), standOf(b)];
  const percent = (part: number | null) => Math.floor((part ?? 1) * 100);
  return (
    urgency[x.state] - urgency[y.state] ||
    percent(x.availability) - percent(y.availability) ||
    a.monitor.name.localeCompare(b.monitor.name, undefined, { numeric: true })
  );
}

/** How many monitors are in each state. */
export function countStates(monitors: readonly { state: MonitorState }[]): Map<MonitorState, number> {
  const counts = states.map((state) => [state, monitors.filter((one) => one.state === state).length] as const);
  return new Map(counts);
}

/** What an hour was; `failing` by how much of it, 1 (less than a tenth) to 3 (half and more). */
export type Hour = 'none' | 'passed' | 'slow' | 'errored' | 'failing1' | 'failing2' | 'failing3';

export function hourAt(strip: Strip, i: number): Hour {
  const [passed = 0, failed = 0, errored = 0] = [strip.passed[i], strip.failed[i], strip.errored[i]];
  if (failed > 0) {
    const part = failed / (passed + failed);
    return part < 0.1 ? 'failing1' : part < 0.5 ? 'failing2' : 'failing3';
  }
  if (passed > 0) return strip.slow[i] ? 'slow' : 'passed';
  return errored > 0 ? 'errored' : 'none';
}

/** All places of a monitor in one strip; of times the longest. */
export function mergedStrip(places: readonly { strip: Strip }[]): Strip {
  const [first, ...others] = places.map((place) => place.strip);
  if (!first) return { passed: [], failed: [], errored: [], p95Us: [], slow: [] };
  return others.reduce((sum, strip) => {
    const add = (a: readonly number[], b: readonly number[]) => a.map((n, i) => n + (b[i] ?? 0));
    const longer = (a: number | null, b: number | null | undefined) => (b == null ? a : Math.max(a ?? 0, b));
    return {
      passed: add(sum.passed, strip.passed),
      failed: add(sum.failed, strip.failed),
      errored: add(sum.errored, strip.errored),
      p95Us: sum.p95Us.map((us, i) => longer(us, strip.p95Us[i])),
      slow: sum.slow.map((slow, i) => slow || (strip.slow[i] ?? false)),
    };
  }, first);
}

/** By which part a time became longer (above 0) or shorter; null where one of them is unknown. */
export function change(now: number | null, before: number | null): number | null {
  return now === null || before === null || before === 0 ? null : now / before - 1;
}
