import type { LocationRow, SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { SentinelKeyRow } from '../../db/registry/rows.ts';
import type { Heartbeat } from '../../sentinel/protocol/messages.ts';
import { tagsOf } from '../assignments/choices.ts';
import type { ServerContext } from '../http/context.ts';
import type { KeyHolder } from '../http/key-holder.ts';
import { holderOf } from '../http/settle-holder.ts';
import { heartbeatOf } from './heartbeat-of.ts';
import type { Machine, Sentinel, SentinelState } from './shapes.ts';

/** A heartbeat comes each 30 s; two that are missing are no accident. */
const connectedWithinMs = 90_000;

type Row = SentinelRow & { location: string };

/** A customer's sentinels by name. */
export async function listSentinels(server: ServerContext, customerId: CustomerId): Promise<Sentinel[]> {
  const keys = await server.registry<SentinelKeyRow>('sentinel_keys').where({ customer_id: customerId });
  const holders = new Map(keys.map((key) => [key.sentinel_id, holderOf(key)]));
  const rows: Row[] = await server.customers.use(customerId, (db) =>
    db('sentinels')
      .join('locations', 'locations.id', 'sentinels.location_id')
      .orderBy(['sentinels.name', 'sentinels.id'])
      .select('sentinels.*', { location: 'locations.name' }),
  );
  return rows.map((row) => present(row, holders.get(row.id), server.now()));
}

/** Names of all locations of a customer. */
export function listLocations(server: ServerContext, customerId: CustomerId): Promise<string[]> {
  return server.customers.use(customerId, (db) => db<LocationRow>('locations').orderBy('name').pluck('name'));
}

function present(row: Row, holder: KeyHolder | undefined, now: number): Sentinel {
  const said = heartbeatOf(row);
  const machines = holder ? machinesOf(holder) : [];
  return {
    id: row.id,
    name: row.name,
    location: row.location,
    tags: tagsOf(row),
    platform: row.platform,
    version: row.version,
    state: stateOf(row, machines, said, now),
    enrolledAt: row.enrolled_at,
    lastSeenAt: row.last_seen_at,
    revokedAt: row.revoked_at,
    spool: said ? { ...said.spool, putOff: said.spool.putOff ?? 0, drops: said.spool.drops ?? [] } : null,
    clockOffsetMs: said?.clockOffsetMs ?? null,
    sandboxLevel: said?.sandboxLevel ?? null,
    browser: said?.browser ?? null,
    problems: said?.problems ?? [],
    secrets: said?.secrets ?? null,
    paused: pausedOf(said),
    refused: said?.refused ?? [],
    stalls: said?.stalls ?? [],
    machines,
  };
}

function stateOf(row: Row, machines: readonly Machine[], said: Heartbeat | undefined, now: number): SentinelState {
  if (row.revoked_at !== null) return 'revoked';
  if (machines.some((machine) => machine.state === 'parked')) return 'parked';
  if (row.last_seen_at === null) return 'unused';
  if (now - row.last_seen_at > connectedWithinMs) return 'away';
  if ((said?.problems.length ?? 0) > 0) return 'problems';
  return said?.paused ? 'paused' : 'connected';
}

function pausedOf(said: Heartbeat | undefined): Sentinel['paused'] {
  if (!said?.paused) return null;
  const { since, until, reason } = said.paused;
  return { since, until: until ?? null, reason: reason ?? null };
}

/** The one that reports first. */
function machinesOf({ boot, since, address, others }: KeyHolder): Machine[] {
  const rest = others.map((other) => ({
    boot: other.boot,
    state: other.turnedAway ? ('turnedAway' as const) : ('parked' as const),
    since: other.since,
    address: other.address,
  }));
  return [{ boot, state: 'reporting', since, address }, ...rest];
}
