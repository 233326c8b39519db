import type { SentinelRow } from '../../db/customer/rows.ts';
import { Heartbeat } from '../../sentinel/protocol/messages.ts';

/** None of a sentinel that never sent one, nor of one that a later version of this program no longer understands. */
export function heartbeatOf({ heartbeat }: Pick<SentinelRow, 'heartbeat'>): Heartbeat | undefined {
  return heartbeat === null ? undefined : Heartbeat.safeParse(JSON.parse(heartbeat)).data;
}
