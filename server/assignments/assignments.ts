import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { MonitorRow, MonitorSentinelRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { Assignment, Assignments } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from '../http/context.ts';
import { openTrials } from '../trials/open-trials.ts';
import { policyOf } from './policy.ts';
import { scheduleOf } from './schedules.ts';
import { trustedScriptKeys } from './script-keys.ts';

/** All that a sentinel is to do, whom to trust, and an ETag that changes when, and only when, any of that does. */
export interface MarkedAssignments {
  /** JSON of `Assignments` at `now` (ms): made of a text that is there already, since a thousand may ask at once. */
  text(now: number): string;
  /** The same with gzip, likewise: what is long in it is packed once, for all. */
  packed(now: number): Buffer;
  etag: string;
}

/** What all sentinels of one customer are to do, as it was at one moment. */
export interface Snapshot {
  of(sentinelId: string): MarkedAssignments;
}

/** Reads what all sentinels of a customer are to do. Sentinels that are to do the same share it. */
export async function takeSnapshot(server: ServerContext, customerId: CustomerId): Promise<Snapshot> {
  const { rows, chosen, keys, trials } = await server.customers.use(customerId, async (db) => ({
    ...(await readRows(db)),
    trials: await openTrials(db, server.now()),
    keys: await trustedScriptKeys(server, db, customerId),
  }));
  const all = rows.map((row) => ({ assignment: presentAssignment(row), sentinels: chosen.get(row.id) }));
  const trust = { scriptKeys: keys, pins: server.authority.pins };
  const marked = new Map<string, MarkedAssignments>();
  const named = new Set([...[...chosen.values()].flatMap((sentinels) => [...sentinels]), ...trials.keys()]);
  const markedFor = (sentinelId: string) => {
    const own = all.filter(({ sentinels }) => sentinels === undefined || sentinels.has(sentinelId));
    const tried = trials.get(sentinelId);
    const key = [...own.map(({ assignment }) => assignment.monitorId), ...(tried ? [sentinelId] : [])].join();
    const assignments = own.map(({ assignment }) => assignment);
    const known = marked.get(key) ?? mark({ assignments, ...(tried && { trials: tried }), ...trust });
    marked.set(key, known);
    return known;
  };
  const forAll = markedFor('');
  return { of: (sentinelId) => (named.has(sentinelId) ? markedFor(sentinelId) : forAll) };
}

/** zlib takes 260 KiB to pack with what it usually has, and a few for that. */
const smallPacker = { level: 1, windowBits: 9, memLevel: 1, chunkSize: 64 } as const;

function mark(content: Omit<Assignments, 'serverTime'>): MarkedAssignments {
  const json = JSON.stringify(content);
  const [same, ofNow] = [json.slice(0, -1), (now: number) => `,"serverTime":${now}}`];
  let packed: Buffer | undefined;
  return {
    text: (now) => same + ofNow(now),
    packed(now) {
      packed ??= gzipSync(same);
      return Buffer.concat([packed, gzipSync(ofNow(now), smallPacker)]); // parts packed one by one are a whole
    },
    etag: `"${createHash('sha256').update(json).digest('base64url')}"`,
  };
}

type AssignmentRow = MonitorRow & Pick<ScriptVersionRow, 'statement' | 'signature'> & { since: number | null };

/** The monitors that are run, and for those that are not for all sentinels which ones run them. */
export async function readRows(db: CustomerDb) {
  const held = db('monitor_schedules').whereRaw('monitor_schedules.monitor_id = monitors.id');
  const since = held.max('from_at');
  const rows: AssignmentRow[] = await db('monitors')
    .join('script_versions', (on) => {
      on.on('script_versions.script_id', 'monitors.script_id').on('script_versions.version', 'monitors.script_version');
    })
    .where('monitors.paused', 0)
    .whereNull('monitors.retired_at')
    .orderBy('monitors.id')
    .select('monitors.*', 'script_versions.statement', 'script_versions.signature', { since });
  const chosen = new Map<string, Set<string>>();
  for (const { monitor_id, sentinel_id } of await db<MonitorSentinelRow>('monitor_sentinels').select()) {
    chosen.set(monitor_id, (chosen.get(monitor_id) ?? new Set()).add(sentinel_id));
  }
  return { rows, chosen };
}

export function presentAssignment(row: AssignmentRow): Assignment {
  return {
    monitorId: row.id,
    name: row.name,
    script: { statement: row.statement, signature: row.signature },
    schedule: scheduleOf(row),
    ...(row.since !== null && { scheduleSince: row.since }),
    ...runNowOf(row),
    timeoutMs: row.timeout_ms,
    use: JSON.parse(row.use),
    variables: JSON.parse(row.variables),
    secrets: JSON.parse(row.secrets),
    maskSelectors: JSON.parse(row.mask_selectors),
    ...policyOf(row),
  };
}

function runNowOf({ run_now_id, run_now_at }: MonitorRow): Pick<Assignment, 'runNow'> {
  return run_now_id === null || run_now_at === null ? {} : { runNow: { requestId: run_now_id, at: run_now_at } };
}
