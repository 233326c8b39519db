import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { Heartbeat } from '../../sentinel/protocol/messages.ts';
import { pinSetOf } from '../../sentinel/protocol/pin-set.ts';
import { readEach } from '../accounts/read-each.ts';
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
  /** Customers whose database could not be read: nothing is known of their sentinels. */
  unread: { customer: string; why: string }[];
}

const dayMs = 86_400_000;

/** Which sentinels have the present set of pins, by what they said last; `seenWithinDays`: who is waited for. */
export async function readiness(server: ServerContext, seenWithinDays: number): Promise<Readiness> {
  const wanted = pinSetOf(server.authority.pins);
  const since = server.now() - seenWithinDays * dayMs;
  const found: Readiness = { ready: 0, unready: [], gone: [], unread: [] };
  for (const outcome of await readEach(server, sentinelsOf)) {
    const { name: customer } = outcome.customer;
    if (outcome.status === 'rejected') {
      const { reason } = outcome;
      found.unread.push({ customer, why: reason instanceof Error ? reason.message : String(reason) });
      continue;
    }
    for (const { id, name, location, heartbeat, enrolled_at, last_seen_at: lastSeenAt } of outcome.value) {
      const isThere = (lastSeenAt ?? enrolled_at) >= since;
      if (pinSetIn(heartbeat) === wanted) found.ready++;
      else (isThere ? found.unready : found.gone).push({ id, name, location, customer, lastSeenAt });
    }
  }
  return found;
}

async function sentinelsOf(db: CustomerDb): Promise<(SentinelRow & { location: string })[]> {
  return db('sentinels')
    .join('locations', 'locations.id', 'sentinels.location_id')
    .whereNull('sentinels.revoked_at')
    .orderBy(['sentinels.name', 'sentinels.id'])
    .select('sentinels.*', { location: 'locations.name' });
}

function pinSetIn(heartbeat: string | null): string | undefined {
  return heartbeat === null ? undefined : Heartbeat.safeParse(JSON.parse(heartbeat)).data?.pinSet;
}
