import type { CustomerId } from '../../db/customers.ts';
import { plainJson } from '../../sentinel/protocol/plain.ts';
import type { ServerContext } from '../http/context.ts';
import { type Actor, audit } from './audit.ts';
import { presentEntry } from './entry.ts';
import { slicesOf, trailOf } from './trail.ts';

/**
 * A trail as JSON lines, the oldest entry first, many lines at a time; null: the provider's. That it was exported, and by
 * whom, is its last entry.
 */
export async function* exported(
  server: Pick<ServerContext, 'registry' | 'customers' | 'now'>,
  id: CustomerId | null,
  actor: Actor,
): AsyncGenerator<string> {
  const trail = trailOf(server, id);
  await trail((db) => audit(db, { at: server.now(), actor, action: 'audit-exported' }));
  for await (const rows of slicesOf(trail)) yield rows.map((row) => `${plainJson(presentEntry(row))}\n`).join('');
}
