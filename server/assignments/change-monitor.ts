import { atomically } from '../../db/atomically.ts';
import type { MonitorRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { Use } from '../../sentinel/protocol/messages.ts';
import { changedUse } from '../../sentinel/protocol/use.ts';
import { findCustomer } from '../accounts/customers.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { faults } from '../http/router.ts';
import { tellChange } from './changes.ts';
import { checkAgainst, NewMonitor, pausedColumns } from './monitors.ts';
import { type PolicyChange, policyOf } from './policy.ts';
import { statementOf } from './publish.ts';
import { checkRoom, readingOf } from './room.ts';
import { needsZone, noteSchedule, type SchedulePart, scheduleColumns, scheduleFault, scheduleOf } from './schedules.ts';

/** What of a monitor can be changed while it is there; what is left out stays. */
export interface MonitorChange {
  /** An interval takes the place of a cron expression, and the other way round. */
  everyMs?: number | undefined;
  cron?: string | undefined;
  /** Empty: at all hours. */
  hours?: string | undefined;
  timeZone?: string | undefined;
  /** A paused monitor is assigned to nobody, and nothing is expected of it. */
  paused?: boolean | undefined;
  timeoutMs?: number | undefined;
  /** Options that are named take the place of those of that name; null takes one away, unless it is a value of that option. */
  use?: Use | undefined;
  maskSelectors?: string[] | undefined;
  policy?: PolicyChange;
}

/** Changes a monitor by its name; returns its id. Sentinels learn of it within seconds. Throws `Refused` if something doesn't fit. */
export async function changeMonitor(
  server: ServerContext,
  customerId: CustomerId,
  name: string,
  change: MonitorChange,
  actor: Actor = commandLine,
): Promise<string> {
  const asked = JSON.parse(JSON.stringify(change)) as MonitorChange; // without what is undefined
  const at = server.now();
  const { timeZone: usualZone } = await findCustomer(server, customerId);
  const id = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const reading = await readingOf(trx, at);
      const row = await monitorNamed(trx, name);
      const columns = await changedColumns(trx, row, asked, { at, usualZone });
      await trx<MonitorRow>('monitors').where({ id: row.id }).update(columns);
      await noteSchedule(trx, row.id, { ...row, ...columns }, at);
      await checkRoom(trx, at, reading);
      // The trail is kept for good: of `use`, which may hold a password, it has the names alone.
      const use = asked.use && Object.keys(asked.use);
      const detail = { id: row.id, ...asked, use };
      await audit(trx, { at, actor, action: 'monitor-changed', subject: name, detail });
      return row.id;
    }),
  );
  await tellChange(server, customerId);
  return id;
}

async function monitorNamed(db: CustomerDb, name: string): Promise<MonitorRow> {
  const row = await db<MonitorRow>('monitors').where({ name }).first();
  if (row?.retired_at === null) return row;
  throw new Refused(noSuchMonitor(name));
}

export function noSuchMonitor(name: string): string {
  return `there is no monitor "${name}" at this customer: write its name as the console shows it`;
}

/** The monitor as it would be, judged as a new one would. */
async function changedColumns(
  db: CustomerDb,
  row: MonitorRow,
  { use, policy, everyMs, cron, hours, timeZone, paused, ...change }: MonitorChange,
  { at, usualZone }: { at: number; usualZone: string },
) {
  const before = policyOf(row);
  const version = await versionOf(db, row);
  const parsed = NewMonitor.safeParse({
    ...{ name: row.name, script: statementOf(version).script, timeoutMs: row.timeout_ms },
    ...changedSchedule(row, { everyMs, cron, hours, timeZone }, usualZone),
    ...{ variables: JSON.parse(row.variables), secrets: JSON.parse(row.secrets) },
    maskSelectors: JSON.parse(row.mask_selectors),
    ...change,
    use: changedUse(JSON.parse(row.use), use),
    policy: { ...before, ...policy, evidence: { ...before.evidence, ...policy?.evidence } },
  });
  const fault = parsed.success ? scheduleFault(parsed.data) : faults(parsed.error);
  if (!parsed.success || fault !== undefined) throw new Refused(`the monitor cannot be changed so: ${fault}`);
  const monitor = parsed.data;
  checkAgainst(version, monitor);
  return {
    ...scheduleColumns(monitor, at),
    ...pausedColumns(paused ?? row.paused !== 0),
    timeout_ms: monitor.timeoutMs,
    use: JSON.stringify(monitor.use),
    mask_selectors: JSON.stringify(monitor.maskSelectors),
    policy: JSON.stringify(monitor.policy),
  };
}

function changedSchedule(
  row: MonitorRow,
  { everyMs, cron, hours, timeZone }: SchedulePart,
  usualZone: string,
): SchedulePart {
  const { everyMs: everyBefore, ...before } = scheduleOf(row);
  const isOther = everyMs !== undefined || cron !== undefined;
  const when = isOther
    ? { everyMs, cron }
    : before.cron === undefined
      ? { everyMs: everyBefore }
      : { cron: before.cron };
  const within = hours === '' ? undefined : (hours ?? before.hours);
  const zone = timeZone ?? (needsZone({ ...when, hours: within }) ? (before.timeZone ?? usualZone) : undefined);
  return { ...when, hours: within, timeZone: zone };
}

async function versionOf(
  db: CustomerDb,
  { script_id, script_version: version }: MonitorRow,
): Promise<ScriptVersionRow> {
  const found = await db<ScriptVersionRow>('script_versions').where({ script_id, version }).first();
  if (found) return found;
  throw new Error(`the script of a monitor is not there: ${script_id}, version ${version}`);
}
