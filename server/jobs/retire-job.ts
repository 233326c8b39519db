import type { AuditRow } from '../../db/audit-table.ts';
import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { SentinelKeyRow } from '../../db/registry/rows.ts';
import { revokeSentinel } from '../enrolment/revoke.ts';
import type { ServerContext } from '../http/context.ts';
import type { JobsLease } from './lease.ts';
import { forEachCustomer, type Job, leasedJob, type Turn } from './leased-job.ts';

/** The first look comes so long after the start, too: until then every sentinel that is there has been heard again. */
const lookEveryMs = 3_600_000;
const actor = { kind: 'server', name: 'retirement' } as const;

/**
 * Revokes sentinels that were unseen for as long as their enrolment code said: desktops that were thrown away. Under the
 * lease; should two do it after all, a key is revoked once, and the trail tells of it once.
 */
export function retireJob(server: ServerContext, lease: JobsLease): Job {
  const failed = 'it could not be seen which sentinels are to retire';
  return leasedJob(server, lease, { everyMs: lookEveryMs, failed }, (turn) => retire(server, turn));
}

/** One look at all customers that are let in. */
export async function retire(server: ServerContext, turn: Turn): Promise<void> {
  const keys: SentinelKeyRow[] = await server
    .registry<SentinelKeyRow>('sentinel_keys')
    .join('customers', 'customers.id', 'sentinel_keys.customer_id')
    .whereNull('customers.suspended_at')
    .whereNotNull('retire_after_ms')
    .whereNull('revoked_at')
    .select('sentinel_keys.*');
  const byCustomer = Map.groupBy(keys, (key) => key.customer_id);
  await forEachCustomer(turn, [...byCustomer.keys()], async (customerId) => {
    for (const id of await unseen(server, customerId, byCustomer.get(customerId) ?? [])) {
      await revokeSentinel(server, customerId, id, actor, 'sentinel-retired');
    }
  });
}

function unseen(server: ServerContext, customerId: CustomerId, keys: readonly SentinelKeyRow[]): Promise<string[]> {
  const after = new Map(keys.map((key) => [key.sentinel_id, key.retire_after_ms ?? Number.POSITIVE_INFINITY]));
  return server.customers.use(customerId, async (db) => {
    const shutOutUntil = (await latestReturn(db)) ?? 0;
    const rows = await db<SentinelRow>('sentinels').whereNull('revoked_at').select('id', 'enrolled_at', 'last_seen_at');
    const gone = rows.filter(({ id, enrolled_at, last_seen_at }) => {
      const since = Math.max(last_seen_at ?? enrolled_at, shutOutUntil);
      return server.now() - since >= (after.get(id) ?? Number.POSITIVE_INFINITY);
    });
    return gone.map(({ id }) => id);
  });
}

/** When the customer's sentinels were last let in again: before that they could not be seen here, however alive they were. */
async function latestReturn(db: CustomerDb): Promise<number | undefined> {
  const returns = db<AuditRow>('audit').whereIn('action', ['customer-resumed', 'customer-imported']);
  return (await returns.orderBy('id', 'desc').first('at'))?.at;
}
