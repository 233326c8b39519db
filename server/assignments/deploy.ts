import { createHash } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { MonitorRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { Change, Deployment, DeploymentAnswer } from '../../scripts-library/publish/deployment.ts';
import { Deployment as Schema } from '../../scripts-library/publish/deployment.ts';
import { findCustomer } from '../accounts/customers.ts';
import { type Actor, audit } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { tellChange } from './changes.ts';
import { renewChoices } from './choices.ts';
import { latestVersion, pausedColumns } from './monitors.ts';
import { type PreparedScript, prepareScript } from './prepare-script.ts';
import { publishIn, statementOf } from './publish.ts';
import { checkRoom, readingOf } from './room.ts';
import { noteSchedule } from './schedules.ts';
import { type Setting, setMonitor } from './set-monitor.ts';

/** What was planned is not what would be done by now. */
export class PlanOutdated extends Refused {}

/**
 * Brings scripts and monitors to what a configuration says, all of it or nothing: scripts are published, monitors added
 * and changed, and those that this `owner` had deployed and no longer names retired. A repeat changes nothing. With
 * `dryRun` nothing changes, and the answer is the same. Throws `ScriptRefused`, `Refused`, `PlanOutdated`.
 */
export async function deploy(
  server: ServerContext,
  customerId: CustomerId,
  owner: string,
  wish: Deployment,
  actor: Required<Actor>,
): Promise<DeploymentAnswer> {
  const { scripts, monitors, project = null, takeOver, dryRun, message, fingerprint } = Schema.parse(wish);
  checkNames(
    scripts.map(({ path }) => path.split('/').at(-1) ?? ''),
    'script',
  );
  checkNames(
    monitors.map(({ name }) => name),
    'monitor',
  );
  const prepared: PreparedScript[] = [];
  for (const script of scripts) prepared.push(await prepareScript(server, customerId, script));
  const { timeZone } = await findCustomer(server, customerId);
  const setting = { owner, project, actor, at: server.now(), timeZone };
  const answer = await server.customers.use(customerId, (db) =>
    undoneIf(dryRun, db, async (trx) => {
      const reading = await readingOf(trx, setting.at);
      const beingSet = new Set(monitors.map(({ name }) => name));
      if (!takeOver) await refuseOtherProject(trx, owner, project);
      const how = { ...setting, author: actor.name, message, beingSet };
      const changes: Change[] = [];
      for (const script of prepared) changes.push(await publishScript(trx, server, customerId, script, how));
      for (const monitor of monitors) changes.push(await setMonitor(trx, monitor, setting));
      await renewChoices(trx, setting.at);
      changes.push(...(await retireOthers(trx, beingSet, setting)));
      await checkRoom(trx, setting.at, reading);
      const print = fingerprintOf(changes);
      if (fingerprint !== undefined && fingerprint !== print)
        throw new PlanOutdated('something changed since the plan was made, and nothing was done: look at the new plan');
      return { changes, fingerprint: print, done: !dryRun };
    }),
  );
  if (!dryRun && answer.changes.some(({ action }) => action !== 'unchanged')) await tellChange(server, customerId);
  return answer;
}

class Undone extends Error {}

/** What `work` gives, with all that it did undone if that is asked for. */
async function undoneIf<T>(isUndone: boolean, db: CustomerDb, work: (trx: CustomerDb) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  try {
    await atomically(db, async (trx) => {
      result = { value: await work(trx) };
      if (isUndone) throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  if (!result) throw new Error('a deployment ended without a result');
  return result.value;
}

function checkNames(names: readonly string[], kind: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Refused(`there are two ${kind}s called ${twice} in this deployment: rename one`);
}

async function publishScript(
  trx: CustomerDb,
  server: ServerContext,
  customerId: CustomerId,
  script: PreparedScript,
  how: Parameters<typeof publishIn>[4],
): Promise<Change> {
  const latest = await latestVersion(trx, script.name);
  const { version, unchanged } = await publishIn(trx, server, customerId, script, how);
  if (unchanged) return { kind: 'script', name: script.name, action: 'unchanged', differences: [] };
  const before = latest && statementOf(latest);
  const fields: [string, string | null, string | null][] = [
    ['version', before ? String(before.version) : null, String(version)],
    ['text', before?.bundleSha256 ?? null, script.sha256],
    ['hosts', before ? before.hosts.join(', ') : null, script.hosts.join(', ')],
    ['secrets', before ? before.secrets.join(', ') : null, script.secrets.join(', ')],
  ];
  const differences = fields.flatMap(([field, was, is]) => (was === is ? [] : [{ field, before: was, after: is }]));
  return { kind: 'script', name: script.name, action: before ? 'changed' : 'added', differences };
}

/** Two folders may have given their configurations the same name: one does not retire the monitors of the other. Throws `Refused`. */
async function refuseOtherProject(db: CustomerDb, owner: string, project: string | null): Promise<void> {
  const other = await db<MonitorRow>('monitors')
    .where({ managed_by: owner })
    .whereNull('retired_at')
    .whereNot({ project: project ?? '' })
    .first('name', 'project');
  if (!other) return;
  throw new Refused(
    `another project is called "${owner}" too: its id is ${other.project}, and this one's is ${project ?? 'not given'}; it has the monitor ` +
      `"${other.name}". Give this configuration another name; or, if it takes the place of the other one, add --take-over`,
  );
}

/** Those of the same owner that are named no more: nobody runs them, and what they found stays. */
async function retireOthers(
  db: CustomerDb,
  named: ReadonlySet<string>,
  { owner, actor, at }: Setting,
): Promise<Change[]> {
  const own = await db<MonitorRow>('monitors').where({ managed_by: owner }).whereNull('retired_at').orderBy('name');
  const gone = own.filter(({ name }) => !named.has(name));
  for (const row of gone) {
    await db<MonitorRow>('monitors')
      .where({ id: row.id })
      .update({ retired_at: at, ...pausedColumns(true) });
    await noteSchedule(db, row.id, { ...row, paused: 1 }, at);
    await audit(db, { at, actor, action: 'monitor-retired', subject: row.name, detail: { id: row.id, owner } });
  }
  return gone.map(({ name }) => ({ kind: 'monitor', name, action: 'retired', differences: [] }));
}

function fingerprintOf(changes: readonly Change[]): string {
  return createHash('sha256').update(JSON.stringify(changes)).digest('base64url').slice(0, 22);
}
