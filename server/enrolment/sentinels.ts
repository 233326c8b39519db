import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { SentinelKeyRow } from '../../db/registry/rows.ts';
import { tellChange } from '../assignments/changes.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';

export interface Sentinel {
  id: string;
  name: string;
  location: string;
  enrolledAt: number;
  lastSeenAt: number | null;
  revoked: boolean;
}

/** A customer's sentinels by name. */
export function listSentinels(server: ServerContext, customerId: CustomerId): Promise<Sentinel[]> {
  return server.customers.use(customerId, async (db) => {
    const rows: (SentinelRow & { location: string })[] = await db('sentinels')
      .join('locations', 'locations.id', 'sentinels.location_id')
      .orderBy(['sentinels.name', 'sentinels.id'])
      .select('sentinels.*', { location: 'locations.name' });
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      location: row.location,
      enrolledAt: row.enrolled_at,
      lastSeenAt: row.last_seen_at,
      revoked: row.revoked_at !== null,
    }));
  });
}

/** Takes a sentinel's API key away, at once. Throws `Refused` if the customer has no such sentinel. */
export async function revokeSentinel(
  server: ServerContext,
  customerId: CustomerId,
  sentinelId: string,
  actor: Actor = commandLine,
): Promise<void> {
  const at = server.now();
  // The key first: it is what counts. Should the rest not happen, the command can be given again.
  const keys = server
    .registry<SentinelKeyRow>('sentinel_keys')
    .where({ sentinel_id: sentinelId, customer_id: customerId });
  const revoked = await keys.whereNull('revoked_at').update({ revoked_at: at });
  const known = await server.customers.use(customerId, async (db) => {
    const changed = await db<SentinelRow>('sentinels').where({ id: sentinelId }).update({ revoked_at: at });
    if (revoked > 0) await audit(db, { at, actor, action: 'sentinel-revoked', subject: sentinelId });
    return changed > 0;
  });
  if (!known)
    throw new Refused(`there is no sentinel ${sentinelId}: vedette-server sentinel list --customer NAME shows them`);
  await tellChange(server, customerId); // a request that it has open ends now
}
