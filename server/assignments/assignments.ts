import { createHash } from 'node:crypto';
import type { MonitorRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Assignment, Assignments } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from '../http/context.ts';
import type { AskingSentinel } from '../http/sentinel-auth.ts';
import { policyOf } from './policy.ts';
import { scriptKeys } from './script-keys.ts';

/** All that a sentinel is to do, whom to trust, and an ETag that changes when, and only when, any of that does. */
export async function assignmentsOf(
  server: ServerContext,
  { sentinelId, customerId }: AskingSentinel,
): Promise<{ content: Omit<Assignments, 'serverTime'>; etag: string }> {
  const content = {
    assignments: await server.customers.use(customerId, (db) => assignmentRows(db, sentinelId)),
    scriptKeys: scriptKeys(server, customerId),
    pins: server.authority.pins,
  };
  return { content, etag: `"${createHash('sha256').update(JSON.stringify(content)).digest('base64url')}"` };
}

type AssignmentRow = MonitorRow & Pick<ScriptVersionRow, 'statement' | 'signature'>;

async function assignmentRows(db: CustomerDb, sentinelId: string): Promise<Assignment[]> {
  const chosen = db('monitor_sentinels').whereRaw('monitor_sentinels.monitor_id = monitors.id');
  const rows: AssignmentRow[] = await db('monitors')
    .join('script_versions', (on) => {
      on.on('script_versions.script_id', 'monitors.script_id').on('script_versions.version', 'monitors.script_version');
    })
    .where('monitors.paused', 0)
    .where((either) =>
      either.whereNotExists(chosen.clone()).orWhereExists(chosen.clone().where({ sentinel_id: sentinelId })),
    )
    .orderBy('monitors.id')
    .select('monitors.*', 'script_versions.statement', 'script_versions.signature');
  return rows.map(presentAssignment);
}

function presentAssignment(row: AssignmentRow): Assignment {
  return {
    monitorId: row.id,
    name: row.name,
    script: { statement: row.statement, signature: row.signature },
    schedule: { everyMs: row.every_ms },
    timeoutMs: row.timeout_ms,
    use: JSON.parse(row.use),
    variables: JSON.parse(row.variables),
    secrets: JSON.parse(row.secrets),
    maskSelectors: JSON.parse(row.mask_selectors),
    ...policyOf(row),
  };
}

/** The bundle of this hash, if it is one of this customer's. */
export async function bundleOf(db: CustomerDb, sha256: string): Promise<string | undefined> {
  const row = await db<ScriptVersionRow>('script_versions').where({ sha256 }).first('bundle');
  return row?.bundle;
}
