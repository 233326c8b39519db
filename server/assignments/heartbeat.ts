import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Heartbeat } from '../../sentinel/protocol/messages.ts';

/** Keeps the latest a sentinel said of itself. */
export async function keepHeartbeat(
  db: CustomerDb,
  sentinelId: string,
  heartbeat: Heartbeat,
  now: number,
): Promise<void> {
  const { version, platform } = heartbeat;
  const change = { version, platform, heartbeat: JSON.stringify(heartbeat), last_seen_at: now };
  await db<SentinelRow>('sentinels').where({ id: sentinelId }).update(change);
}
