import type { MonitorRow, MonitorSentinelRow, SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Choice } from '../../scripts-library/publish/deployment.ts';
import { nearest } from '../../sentinel/protocol/use-options.ts';
import { Refused } from '../http/refused.ts';
import { atATime, noteAssignments } from './assignment-eras.ts';

type Chosen = Pick<SentinelRow, 'id' | 'name' | 'tags'> & { location: string };

/** What was said of a monitor's sentinels, if they are chosen by more than their ids. */
export function choiceOf({ chosen_by }: Pick<MonitorRow, 'chosen_by'>): Choice | undefined {
  return chosen_by === null ? undefined : JSON.parse(chosen_by);
}

/** Throws `Refused` if a choice names what there is not, or nobody. */
export async function checkChoice(db: CustomerDb, monitor: string, choice: Choice): Promise<void> {
  const all = await sentinels(db);
  const there = {
    names: all.map(({ name }) => name),
    locations: all.map(({ location }) => location),
    tags: all.flatMap(tagsOf),
  };
  for (const kind of ['names', 'locations', 'tags'] as const) {
    const missing = choice[kind]?.find((name) => !there[kind].includes(name));
    if (missing !== undefined) throw new Refused(noSuch(monitor, kind, missing, [...new Set(there[kind])]));
  }
  if (![choice.names, choice.locations, choice.tags].some((list) => list?.length))
    throw new Refused(`sentinels of the monitor "${monitor}": name at least one, or leave it out for all`);
}

/**
 * Gives monitors to the sentinels that their choice means now, at `at` (ms); true if that changed anything. A choice that
 * means nobody any more keeps those it had, so that its monitor doesn't fall to all.
 */
export async function renewChoices(db: CustomerDb, at: number): Promise<boolean> {
  const monitors = await choosing(db);
  if (monitors.length === 0) return false;
  const all = await sentinels(db);
  const held = Map.groupBy(await db<MonitorSentinelRow>('monitor_sentinels'), (row) => row.monitor_id);
  let changed = false;
  for (const monitor of monitors) {
    const before = (held.get(monitor.id) ?? []).map((row) => row.sentinel_id);
    const now = all.filter((sentinel) => isMeant(choiceOf(monitor) ?? {}, sentinel)).map(({ id }) => id);
    if (now.length === 0 || before.toSorted().join() === now.toSorted().join()) continue;
    await giveTo(db, monitor.id, now, at);
    changed = true;
  }
  return changed;
}

/**
 * Has monitors that chose a sentinel by its name choose it by the new one, which it has already. A name that other sentinels
 * have too stays theirs.
 */
export async function renameInChoices(db: CustomerDb, before: string, after: string): Promise<void> {
  if ((await sentinels(db)).some(({ name }) => name === before)) return;
  for (const monitor of await choosing(db)) {
    const choice = choiceOf(monitor);
    if (!choice?.names?.includes(before)) continue;
    const names = [...new Set(choice.names.map((name) => (name === before ? after : name)))];
    const chosen_by = JSON.stringify({ ...choice, names });
    await db<MonitorRow>('monitors').where({ id: monitor.id }).update({ chosen_by });
  }
}

/**
 * Has these sentinels run a monitor from `at` (ms) on, and no others; all, if there are none. Costs what changes: they may be
 * thousands.
 */
export async function giveTo(db: CustomerDb, monitor_id: string, ids: readonly string[], at: number): Promise<void> {
  const held = await db<MonitorSentinelRow>('monitor_sentinels').where({ monitor_id }).pluck('sentinel_id');
  const [before, now] = [new Set(held), new Set(ids)];
  const more = [...now.difference(before)].map((sentinel_id) => ({ monitor_id, sentinel_id }));
  const gone = [...before.difference(now)];
  await noteAssignments(db, monitor_id, ids, at);
  for (const some of atATime(gone))
    await db('monitor_sentinels').where({ monitor_id }).whereIn('sentinel_id', some).delete();
  for (const some of atATime(more)) await db('monitor_sentinels').insert(some);
}

/** Of a sentinel, or of those that enrol with a code. */
export function tagsOf({ tags }: Pick<SentinelRow, 'tags'>): string[] {
  return tags === null ? [] : JSON.parse(tags);
}

function choosing(db: CustomerDb): Promise<Pick<MonitorRow, 'id' | 'chosen_by'>[]> {
  return db<MonitorRow>('monitors').whereNotNull('chosen_by').whereNull('retired_at').select('id', 'chosen_by');
}

function sentinels(db: CustomerDb): Promise<Chosen[]> {
  return db('sentinels')
    .join('locations', 'locations.id', 'sentinels.location_id')
    .whereNull('sentinels.revoked_at')
    .orderBy('sentinels.id')
    .select('sentinels.id', 'sentinels.name', 'sentinels.tags', { location: 'locations.name' });
}

function isMeant({ names = [], locations = [], tags = [] }: Choice, sentinel: Chosen): boolean {
  const own = tagsOf(sentinel);
  return (
    names.includes(sentinel.name) || locations.includes(sentinel.location) || tags.some((tag) => own.includes(tag))
  );
}

const kinds = { names: 'sentinel', locations: 'location with a sentinel', tags: 'sentinel with the tag' } as const;

function noSuch(monitor: string, kind: keyof typeof kinds, missing: string, there: readonly string[]): string {
  const near = nearest(missing, there);
  const some = there.slice(0, 10).join(', ') || 'none yet';
  const next = near === undefined ? `there are: ${some}` : `did you mean "${near}"?`;
  return `sentinels.${kind} of the monitor "${monitor}": there is no ${kinds[kind]} "${missing}"; ${next}`;
}
