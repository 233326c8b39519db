import { atomically } from '../../db/atomically.ts';
import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import { tellChange } from '../assignments/changes.ts';
import { renewChoices } from '../assignments/choices.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';

/** Replaces the tags of a sentinel, by which monitors choose it; false if the customer has no such sentinel. */
export async function tagSentinel(
  server: ServerContext,
  customerId: CustomerId,
  id: string,
  tags: readonly string[],
  actor: Actor = commandLine,
): Promise<boolean> {
  const at = server.now();
  const all = [...new Set(tags)].sort();
  const found = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const row = await trx<SentinelRow>('sentinels').where({ id }).first('name');
      if (!row) return false;
      await trx<SentinelRow>('sentinels')
        .where({ id })
        .update({ tags: all.length === 0 ? null : JSON.stringify(all) });
      await renewChoices(trx);
      await audit(trx, { at, actor, action: 'sentinel-tagged', subject: row.name, detail: { id, tags: all } });
      return true;
    }),
  );
  if (found) await tellChange(server, customerId);
  return found;
}
