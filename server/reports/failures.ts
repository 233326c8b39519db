import type { FailureGroupRow, FailureHourRow, LocationRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import { errorCodes } from '../../sentinel/protocol/error-codes.ts';
import { calendarOf } from '../rollups/calendar.ts';
import { hourFrom, localHour } from '../rollups/local-hours.ts';
import type { FailureGroup, FailuresAnswer } from './failure-shapes.ts';
import type { Period } from './shapes.ts';

export interface FailuresQuestion {
  period: Period;
  monitorId?: string | undefined;
  locationId?: string | undefined;
  code?: string | undefined;
  /** Groups shown at most. */
  limit: number;
}

/** Parts of a period in which a group's failures are counted. */
const parts = 24;

/** What went wrong in the period, by signature; read from hours, so that its cost doesn't depend on how many runs there were. */
export async function failures(db: CustomerDb, question: FailuresQuestion): Promise<FailuresAnswer> {
  const period = await wholeHours(db, question.period);
  const names = await namesOf(db);
  const sums = await sumsIn(db, period);
  const groups = await groupRows(db, [...sums.keys()]);
  const { monitorId, locationId, code } = question;
  const chosen = groups.flatMap((group) => {
    const isMeant = (!monitorId || group.monitor_id === monitorId) && (!code || group.code === code);
    const places = (sums.get(group.id) ?? []).filter((sum) => !locationId || sum.location_id === locationId);
    return isMeant && places.length > 0 ? [{ group, places }] : [];
  });
  const lastOf = (places: readonly Sum[]) => Math.max(...places.map((sum) => sum.last_at));
  chosen.sort((a, b) => lastOf(b.places) - lastOf(a.places) || a.group.id - b.group.id);
  const shown: FailureGroup[] = [];
  for (const { group, places } of chosen.slice(0, question.limit)) {
    shown.push(await present(db, group, { places, period, locationId }, names));
  }
  const all = [...sums.values()].flat();
  return {
    period,
    groups: shown,
    total: chosen.length,
    monitors: named(names.monitors, new Set(groups.map((group) => group.monitor_id))),
    locations: named(names.locations, new Set(all.map((sum) => sum.location_id))),
    codes: [...new Set(groups.map((group) => group.code))].sort(),
  };
}

/** One group over the period; undefined when the customer has no such. */
export async function failureGroup(db: CustomerDb, id: number, period: Period): Promise<FailureGroup | undefined> {
  const [group] = await groupRows(db, [id]);
  if (!group) return undefined;
  const places = (await sumsIn(db, period, id)).get(id) ?? [];
  return present(db, group, { places, period, locationId: undefined }, await namesOf(db));
}

/** Failures are kept by the hour. */
export async function wholeHours(db: CustomerDb, { from, to }: Period): Promise<Period> {
  const { timeZone } = await calendarOf(db);
  return { from: localHour(from, timeZone).from, to: hourFrom(to, timeZone) };
}

interface Sum {
  group_id: number;
  location_id: string;
  count: number;
  last_at: number;
}

/** What each group had at each location. */
async function sumsIn(db: CustomerDb, { from, to }: Period, groupId?: number): Promise<Map<number, Sum[]>> {
  const query = db('failure_hours').where('hour', '>=', from).where('hour', '<', to);
  if (groupId !== undefined) query.where({ group_id: groupId });
  const rows = await query
    .groupBy('group_id', 'location_id')
    .select<Sum[]>('group_id', 'location_id', db.raw('sum(count) as count'), db.raw('max(last_at) as last_at'));
  // MariaDB's sums are decimals, which come as text.
  return Map.groupBy(
    rows.map((row) => ({ ...row, count: Number(row.count), last_at: Number(row.last_at) })),
    (row) => row.group_id,
  );
}

type Group = FailureGroupRow & { transaction: string | null };

function groupRows(db: CustomerDb, ids: readonly number[]): Promise<Group[]> {
  return inChunks(ids, (some) =>
    db('failure_groups')
      .leftJoin('transactions', 'transactions.id', 'failure_groups.transaction_id')
      .whereIn('failure_groups.id', some)
      .select<Group[]>('failure_groups.*', { transaction: 'transactions.name' }),
  );
}

interface Names {
  monitors: ReadonlyMap<string, string>;
  locations: ReadonlyMap<string, string>;
}

async function namesOf(db: CustomerDb): Promise<Names> {
  const monitors: LocationRow[] = await db('monitors').orderBy('name').select('id', 'name');
  const locations: LocationRow[] = await db('locations').orderBy('name').select('id', 'name');
  return {
    monitors: new Map(monitors.map(({ id, name }) => [id, name])),
    locations: new Map(locations.map(({ id, name }) => [id, name])),
  };
}

function named(names: ReadonlyMap<string, string>, ids: ReadonlySet<string>) {
  return [...names].flatMap(([id, name]) => (ids.has(id) ? [{ id, name }] : []));
}

interface Found {
  places: readonly Sum[];
  period: Period;
  locationId: string | undefined;
}

async function present(db: CustomerDb, group: Group, { places, period, locationId }: Found, names: Names) {
  const hours = () =>
    db<FailureHourRow>('failure_hours').where({ group_id: group.id, ...(locationId && { location_id: locationId }) });
  const first = await hours().orderBy('hour').orderBy('first_at').first('first_at');
  const within = () => hours().where('hour', '>=', period.from).where('hour', '<', period.to);
  const last = await within().orderBy('hour', 'desc').orderBy('last_at', 'desc').first('runs');
  const ids = places.map((place) => place.location_id);
  const known = Object.entries(errorCodes).find(([code]) => code === group.code);
  return {
    id: group.id,
    monitor: { id: group.monitor_id, name: names.monitors.get(group.monitor_id) ?? group.monitor_id },
    transaction: group.transaction,
    code: group.code,
    outcome: known && known[1].blame !== 'application' ? ('errored' as const) : ('failed' as const),
    message: group.message,
    count: places.reduce((sum, place) => sum + place.count, 0),
    firstAt: first?.first_at ?? null,
    lastAt: places.length === 0 ? null : Math.max(...places.map((place) => place.last_at)),
    locations: named(names.locations, new Set(ids)).map((location) => location.name),
    parts: await partsOf(within(), period),
    lastRunId: last && last.runs.length >= 16 ? runIdOf(last.runs.slice(-16)) : null,
  };
}

async function partsOf(query: ReturnType<CustomerDb['where']>, { from, to }: Period): Promise<number[]> {
  const rows: { hour: number; count: number }[] = await query.groupBy('hour').select('hour').sum({ count: 'count' });
  const sums = new Array<number>(parts).fill(0);
  for (const { hour, count } of rows) {
    const part = Math.min(parts - 1, Math.floor(((hour - from) / (to - from)) * parts));
    sums[part] = (sums[part] ?? 0) + Number(count);
  }
  return sums;
}
