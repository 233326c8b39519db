import { atomically } from '../../db/atomically.ts';
import type { MonitorRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { Use } from '../../sentinel/protocol/messages.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { faults } from '../http/router.ts';
import { tellChange } from './changes.ts';
import { checkAgainst, NewMonitor } from './monitors.ts';
import { type PolicyChange, policyOf } from './policy.ts';
import { statementOf } from './publish.ts';

/** What of a monitor can be changed while it is there; what is left out stays. */
export interface MonitorChange {
  everyMs?: number | undefined;
  timeoutMs?: number | undefined;
  /** Options that are named take the place of those of that name. */
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
  const id = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const row = await monitorNamed(trx, name);
      const columns = await changedColumns(trx, row, asked);
      await trx<MonitorRow>('monitors').where({ id: row.id }).update(columns);
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
  if (row) return row;
  throw new Refused(`there is no monitor "${name}" at this customer: write its name as the console shows it`);
}

/** The monitor as it would be, judged as a new one would. */
async function changedColumns(db: CustomerDb, row: MonitorRow, { use, policy, ...change }: MonitorChange) {
  const before = policyOf(row);
  const version = await versionOf(db, row);
  const parsed = NewMonitor.safeParse({
    ...{ name: row.name, script: statementOf(version).script, everyMs: row.every_ms, timeoutMs: row.timeout_ms },
    ...{ variables: JSON.parse(row.variables), secrets: JSON.parse(row.secrets) },
    maskSelectors: JSON.parse(row.mask_selectors),
    ...change,
    use: { ...JSON.parse(row.use), ...use },
    policy: { ...before, ...policy, evidence: { ...before.evidence, ...policy?.evidence } },
  });
  if (!parsed.success) throw new Refused(`the monitor cannot be changed so: ${faults(parsed.error)}`);
  const monitor = parsed.data;
  checkAgainst(version, monitor);
  return {
    every_ms: monitor.everyMs,
    timeout_ms: monitor.timeoutMs,
    use: JSON.stringify(monitor.use),
    mask_selectors: JSON.stringify(monitor.maskSelectors),
    policy: JSON.stringify(monitor.policy),
  };
}

async function versionOf(
  db: CustomerDb,
  { script_id, script_version: version }: MonitorRow,
): Promise<ScriptVersionRow> {
  const found = await db<ScriptVersionRow>('script_versions').where({ script_id, version }).first();
  if (found) return found;
  throw new Error(`the script of a monitor is not there: ${script_id}, version ${version}`);
}
