import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { atomically } from '../../db/atomically.ts';
import type { MonitorRow, ScriptRow, ScriptVersionRow, SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { Policy, Tags } from '../../scripts-library/publish/deployment.ts';
import { type ScriptStatement, Use, Uuid } from '../../sentinel/protocol/messages.ts';
import { nearest } from '../../sentinel/protocol/use-options.ts';
import { findCustomer } from '../accounts/customers.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { faults } from '../http/router.ts';
import { checkBaseUrl } from './base-url.ts';
import { tellChange } from './changes.ts';
import { checkUse } from './check-use.ts';
import { giveTo } from './choices.ts';
import { secretsFor, statementOf } from './publish.ts';
import { checkRoom, readingOf } from './room.ts';
import { needsZone, noteSchedule, scheduleColumns, scheduleFault, schedulePart } from './schedules.ts';

export const NewMonitor = z.object({
  name: z.string().min(1).max(200),
  /** File name of a published script; its latest version is run. */
  script: z.string().min(1),
  ...schedulePart,
  /** Wall time of a whole run. */
  timeoutMs: z.int().min(1000).max(600_000).default(60_000),
  use: Use.default({}),
  variables: z.record(z.string(), z.string()).default({}),
  /** All that the script reads and `variables` doesn't give, unless said otherwise. */
  secrets: z.array(z.string()).optional(),
  maskSelectors: z.array(z.string()).default([]),
  /** From which response time (µs) a transaction, by name, or with the name '' the whole run, is degraded. */
  thresholds: z.record(z.string(), z.int().positive()).optional(),
  /** Ids of the sentinels that run it; all of the customer, unless given. */
  sentinels: z.array(Uuid).default([]),
  /** Names to group and find it by. */
  tags: Tags,
  policy: Policy.prefault({}),
});
export type NewMonitor = z.input<typeof NewMonitor>;

/** Adds a monitor and returns its id. Sentinels learn of it within seconds. Throws `Refused` if something doesn't fit. */
export async function addMonitor(
  server: ServerContext,
  customerId: CustomerId,
  input: NewMonitor,
  actor: Actor = commandLine,
): Promise<string> {
  const parsed = NewMonitor.safeParse(input);
  if (!parsed.success) throw new Refused(`the monitor cannot be added: ${faults(parsed.error)}`);
  const { timeZone } = await findCustomer(server, customerId);
  const monitor = { ...(needsZone(parsed.data) && { timeZone }), ...parsed.data };
  const fault = scheduleFault(monitor);
  if (fault !== undefined) throw new Refused(`the monitor cannot be added: ${fault}`);
  const id = randomUUID();
  const at = server.now();
  await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const reading = await readingOf(trx, at);
      const version = await latestVersion(trx, monitor.script);
      if (!version) throw new Refused(await noSuchScript(trx, monitor.script));
      const statement = checkAgainst(version, monitor);
      await checkNameFree(trx, monitor.name);
      await checkSentinels(trx, monitor.sentinels);
      const row = rowOf(id, monitor, version, statement, at);
      await trx<MonitorRow>('monitors').insert(row);
      await noteSchedule(trx, id, row, at);
      await giveTo(trx, id, monitor.sentinels, at);
      await checkRoom(trx, at, reading);
      await audit(trx, {
        at,
        actor,
        action: 'monitor-added',
        subject: monitor.name,
        detail: { id, script: monitor.script },
      });
    }),
  );
  await tellChange(server, customerId);
  return id;
}

/** The newest version of the script of that name; undefined if it was never published. */
export async function latestVersion(db: CustomerDb, script: string): Promise<ScriptVersionRow | undefined> {
  return db('script_versions')
    .join('scripts', 'scripts.id', 'script_versions.script_id')
    .where('scripts.name', script)
    .orderBy('version', 'desc')
    .first('script_versions.*');
}

export async function noSuchScript(db: CustomerDb, script: string): Promise<string> {
  const near = nearest(script, await db<ScriptRow>('scripts').pluck('name'));
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  return `there is no published script "${script}": publish it first with: vedette-server publish FILE, or deploy it.${hint}`;
}

export async function checkNameFree(db: CustomerDb, name: string): Promise<void> {
  const taken = await db<MonitorRow>('monitors').where({ name }).first('id', 'retired_at');
  const was = taken?.retired_at === null ? 'is' : 'was';
  if (taken) throw new Refused(`there ${was} a monitor "${name}" already: choose another name`);
}

/** What was signed of this version of its script. Throws `Refused` unless the monitor fits it. */
export function checkAgainst(
  version: ScriptVersionRow,
  { name, use, secrets = [] }: z.output<typeof NewMonitor>,
): ScriptStatement {
  const statement = statementOf(version);
  const unknown = secrets.find((secret) => !statement.secrets.includes(secret));
  if (unknown) throw new Refused(`the script ${statement.script} does not read the secret ${unknown}: leave it out`);
  checkBaseUrl(name, use.baseURL, statement);
  checkUse(name, use, version.bundle);
  return statement;
}

async function checkSentinels(db: CustomerDb, ids: readonly string[]): Promise<void> {
  const known: string[] = await db<SentinelRow>('sentinels').whereIn('id', ids).pluck('id');
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown === undefined) return;
  throw new Refused(`there is no sentinel ${unknown}: vedette-server sentinel list --customer NAME shows them`);
}

/** Whether a monitor is paused; a pause ends what was asked of it before, to run it now. */
export function pausedColumns(isPaused: boolean) {
  return isPaused ? { paused: 1, run_now_id: null, run_now_at: null } : { paused: 0 };
}

/** A monitor of this version of its script as its row. */
export function rowOf(
  id: string,
  monitor: z.output<typeof NewMonitor>,
  { script_id, version }: ScriptVersionRow,
  statement: ScriptStatement,
  at: number,
): MonitorRow {
  return {
    id,
    name: monitor.name,
    script_id,
    script_version: version,
    ...scheduleColumns(monitor, at),
    timeout_ms: monitor.timeoutMs,
    use: JSON.stringify(monitor.use),
    variables: JSON.stringify(monitor.variables),
    secrets: JSON.stringify(monitor.secrets ?? secretsFor(statement, monitor.variables)),
    mask_selectors: JSON.stringify(monitor.maskSelectors),
    thresholds: monitor.thresholds ? JSON.stringify(monitor.thresholds) : null,
    policy: JSON.stringify(monitor.policy),
    paused: 0,
    created_at: at,
    run_now_id: null,
    run_now_at: null,
    tags: monitor.tags.length === 0 ? null : JSON.stringify([...new Set(monitor.tags)]),
    ...{ managed_by: null, project: null, chosen_by: null, retired_at: null },
  };
}
