import { randomUUID } from 'node:crypto';
import type { MonitorRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { type Change, MonitorWish } from '../../scripts-library/publish/deployment.ts';
import { type Actor, audit } from '../audit/audit.ts';
import { Refused } from '../http/refused.ts';
import { checkChoice, choiceOf, giveTo } from './choices.ts';
import { differences } from './differences.ts';
import { settingsOf } from './monitor-settings.ts';
import { checkAgainst, latestVersion, NewMonitor, noSuchScript, pausedColumns, rowOf } from './monitors.ts';
import { needsZone, noteSchedule, scheduleFault } from './schedules.ts';

/** Who sets monitors, and when. */
export interface Setting {
  /** The configuration that they belong to from then on. */
  owner: string;
  /** Of the folder it lies in, if that is known. */
  project: string | null;
  actor: Actor;
  at: number;
  /** The customer's, for schedules that name none. */
  timeZone: string;
}

/**
 * Adds a monitor, or makes the one of that name so: all that isn't said of it is as usual. One that was retired goes on
 * with its history. `renewChoices` has yet to give it to the sentinels that it chooses. Throws `Refused` if something doesn't fit, or another configuration has it.
 */
export async function setMonitor(db: CustomerDb, wish: MonitorWish, setting: Setting): Promise<Change> {
  const { owner, actor, at } = setting;
  const row = await db<MonitorRow>('monitors').where({ name: wish.name }).first();
  if (row && row.retired_at === null && row.managed_by !== null && row.managed_by !== owner)
    throw new Refused(
      `the monitor "${wish.name}" is managed by "${row.managed_by}", and this is "${owner}": rename one of the two, or take it out of the other first`,
    );
  const after = await wishedRow(db, wish, setting, row);
  const change = await changeOf(db, row, after, wish);
  if (change.action === 'unchanged') return change;
  if (row) await db<MonitorRow>('monitors').where({ id: row.id }).update(after);
  else await db<MonitorRow>('monitors').insert(after);
  await noteSchedule(db, after.id, after, at);
  if (after.chosen_by === null) await giveTo(db, after.id, [], at);
  const fields = change.differences.map(({ field }) => field);
  const action = change.action === 'added' ? 'monitor-added' : 'monitor-changed';
  await audit(db, { at, actor, action, subject: wish.name, detail: { id: after.id, owner, fields } });
  return change;
}

/** The row of a monitor as it is wished, in place of `row` if it is there. Throws `Refused` if something doesn't fit. */
export async function wishedRow(
  db: CustomerDb,
  { sentinels, paused, ...wish }: MonitorWish,
  { owner, project, at, timeZone }: Omit<Setting, 'actor' | 'owner'> & { owner: string | null },
  row: MonitorRow | undefined,
): Promise<MonitorRow> {
  const monitor = { ...NewMonitor.parse(wish), ...(needsZone(wish) && { timeZone: wish.timeZone ?? timeZone }) };
  const fault = scheduleFault(monitor);
  if (fault !== undefined) throw new Refused(`the monitor "${wish.name}" can't be so: ${fault}`);
  const version = await latestVersion(db, wish.script);
  if (!version) throw new Refused(await noSuchScript(db, wish.script));
  const statement = checkAgainst(version, monitor);
  if (sentinels) await checkChoice(db, wish.name, sentinels);
  return {
    ...rowOf(row?.id ?? randomUUID(), monitor, version, statement, at),
    ...(row && { created_at: row.created_at, run_now_id: row.run_now_id, run_now_at: row.run_now_at }),
    ...pausedColumns(paused),
    managed_by: owner,
    project,
    chosen_by: sentinels ? JSON.stringify(sentinels) : null,
  };
}

async function changeOf(
  db: CustomerDb,
  before: MonitorRow | undefined,
  after: MonitorRow,
  { name, script }: MonitorWish,
): Promise<Change> {
  const settings = settingsOf(after, script, choiceOf(after));
  const isNew = before === undefined || before.retired_at !== null;
  if (isNew) return { kind: 'monitor', name, action: 'added', differences: unusual(settings) };
  const byId = choiceOf(before) ?? (await idsOf(db, before));
  const was = settingsOf(before, await scriptOf(db, before), byId);
  const found = differences(was, settings);
  for (const [field, column] of [
    ['project', 'project'],
    ['managedBy', 'managed_by'],
  ] as const)
    if (before[column] !== after[column]) found.unshift({ field, before: before[column], after: after[column] });
  return { kind: 'monitor', name, action: found.length === 0 ? 'unchanged' : 'changed', differences: found };
}

/** What is told of a new monitor: all that isn't as usual. */
function unusual(settings: MonitorWish): Change['differences'] {
  const { name } = settings;
  const others = new Set(differences(MonitorWish.parse({ name, script: '-' }), settings).map(({ field }) => field));
  return differences({ name }, settings).filter(({ field }) => others.has(field));
}

async function idsOf(db: CustomerDb, { id }: MonitorRow) {
  const names: string[] = await db('monitor_sentinels')
    .join('sentinels', 'sentinels.id', 'monitor_sentinels.sentinel_id')
    .where({ monitor_id: id })
    .orderBy('name')
    .pluck('name');
  return names.length === 0 ? undefined : { names };
}

async function scriptOf(db: CustomerDb, { script_id }: MonitorRow): Promise<string> {
  return (await db('scripts').where({ id: script_id }).first('name'))?.name ?? '';
}
