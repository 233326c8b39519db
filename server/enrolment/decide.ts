import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { SentinelKeyRow } from '../../db/registry/rows.ts';
import { tellChange } from '../assignments/changes.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { handedOver, type KeyHolder, turnedAway } from '../http/key-holder.ts';
import { holderOf } from '../http/settle-holder.ts';

/**
 * Of several machines with one identity lets the one of `boot` go on; the others are to enrol anew. Whether there is such
 * a machine: one that was started again meanwhile has another boot.
 */
export async function decideMachine(
  server: ServerContext,
  customerId: CustomerId,
  sentinelId: string,
  boot: string,
  actor: Actor = commandLine,
): Promise<boolean> {
  const at = server.now();
  const address = await changed(server, customerId, sentinelId, (holder) =>
    holder.boot === boot ? turnedAway(holder) : handedOver(holder, boot, at),
  );
  if (address === undefined) return false;
  await tellChange(server, customerId); // a request that the other one has open ends now
  await server.customers.use(customerId, async (db) => {
    const row = await db<SentinelRow>('sentinels').where({ id: sentinelId }).first('name');
    const entry = { at, actor, action: 'sentinel-copies-decided', subject: row?.name ?? sentinelId } as const;
    await audit(db, { ...entry, detail: { id: sentinelId, address } });
  });
  return true;
}

/** The address of the machine that goes on, once that is kept; a request may change the same at that moment. */
async function changed(
  server: ServerContext,
  customerId: CustomerId,
  sentinelId: string,
  change: (holder: KeyHolder) => KeyHolder | undefined,
): Promise<string | undefined> {
  const keys = () =>
    server.registry<SentinelKeyRow>('sentinel_keys').where({ sentinel_id: sentinelId, customer_id: customerId });
  for (;;) {
    const row = await keys().first();
    const holder = row && holderOf(row);
    const after = holder && change(holder);
    if (!row || !after) return undefined;
    if (
      (await keys()
        .where({ holder: row.holder })
        .update({ holder: JSON.stringify(after) })) > 0
    )
      return after.address;
  }
}
