import type { SentinelRow } from '../../db/customer/rows.ts';
import { Heartbeat } from '../../sentinel/protocol/messages.ts';
import { pinSetOf } from '../../sentinel/protocol/pin-set.ts';
import { listCustomers } from '../accounts/customers.ts';
import type { ServerContext } from '../http/context.ts';

export interface UnreadySentinel {
  id: string;
  name: string;
  location: string;
  customer: string;
  /** ms since 1970; null if it was never heard of after its enrolment. */
  lastSeenAt: number | null;
}

export interface Readiness {
  ready: number;
  /** Of all customers, those that have not said that they have the present set of pins; revoked ones don't count. */
  unready: UnreadySentinel[];
  /** Likewise, but neither seen nor enrolled within the days asked for: nobody waits for them. */
  gone: UnreadySentinel[];
}

const dayMs = 86_400_000;

/** Which sentinels have the present set of pins, by what they said last; `seenWithinDays`: who is waited for. */
export async function readiness(server: ServerContext, seenWithinDays: number): Promise<Readiness> {
  const wanted = pinSetOf(server.authority.pins);
  const since = server.now() - seenWithinDays * dayMs;
  const found: Readiness = { ready: 0, unready: [], gone: [] };
  for (const { id: customerId, name: customer } of await listCustomers(server)) {
    const rows: (SentinelRow & { location: string })[] = await server.customers.use(customerId, (db) =>
      db('sentinels')
        .join('locations', 'locations.id', 'sentinels.location_id')
        .whereNull('sentinels.revoked_at')
        .orderBy(['sentinels.name', 'sentinels.id'])
        .select('sentinels.*', { location: 'locations.name' }),
    );
    for (const { id, name, location, heartbeat, enrolled_at, last_seen_at: lastSeenAt } of rows) {
      const isThere = (lastSeenAt ?? enrolled_at) >= since;
      if (pinSetIn(heartbeat) === wanted) found.ready++;
      else (isThere ? found.unready : found.gone).push({ id, name, location, customer, lastSeenAt });
    }
  }
  return found;
}

function pinSetIn(heartbeat: string | null): string | undefined {
  return heartbeat === null ? undefined : Heartbeat.safeParse(JSON.parse(heartbeat)).data?.pinSet;
}
