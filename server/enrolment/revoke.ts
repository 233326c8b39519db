import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { SentinelKeyRow } from '../../db/registry/rows.ts';
import { tellChange } from '../assignments/changes.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';

/** Takes a sentinel's API key away, at once. Whether the customer has such a sentinel. */
export async function revokeSentinel(
  server: ServerContext,
  customerId: CustomerId,
  sentinelId: string,
  actor: Actor = commandLine,
  action: 'sentinel-revoked' | 'sentinel-retired' = 'sentinel-revoked',
): Promise<boolean> {
  const at = server.now();
  // The key first: it is what counts. Should the rest not happen, the command can be given again.
  const revoked = await server
    .registry<SentinelKeyRow>('sentinel_keys')
    .where({ sentinel_id: sentinelId, customer_id: customerId })
    .whereNull('revoked_at')
    .update({ revoked_at: at });
  await tellChange(server, customerId); // a request that it has open ends now
  return server.customers.use(customerId, async (db) => {
    const row = await db<SentinelRow>('sentinels').where({ id: sentinelId }).first();
    if (!row) return false;
    if (row.revoked_at === null) await db<SentinelRow>('sentinels').where({ id: row.id }).update({ revoked_at: at });
    if (revoked > 0) await audit(db, { at, actor, action, subject: row.name, detail: { id: row.id } });
    return true;
  });
}
