import { randomUUID } from 'node:crypto';
import type { Month } from '../../db/customer/months.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { ArchiveRestoreRow } from '../../db/registry/rows.ts';
import { type Actor, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { recipientOf } from './age.ts';
import { keptIdentities } from './keys.ts';
import { Manifest, readSigned } from './manifest.ts';
import { removeRestored, restoredMonths } from './restore.ts';

/*
 * A month takes longer to bring back than a page waits: who wants one says so here, and the job that holds the lease does it.
 */

export interface MonthWish {
  /** What opens it; undefined: the copy that the customer left here. */
  identity?: string | undefined;
  days: number;
}

/**
 * Asks for a month to be brought back. Throws `Refused` where that can't be: nothing is in the archive of it, it was carried
 * away, it is there already, or none of its keys is at hand.
 */
export async function wishMonth(
  server: ServerContext,
  id: CustomerId,
  month: Month,
  { identity, days }: MonthWish,
  actor: Actor,
): Promise<void> {
  if (restoredMonths(server, id).some((one) => one.month === month.name)) {
    throw new Refused(`${month.name} is restored already`);
  }
  const row = await server.customers.use(id, (db) =>
    db<ArchiveMonthRow>('archive_months').where({ from_at: month.from, part: 0, state: 'removed' }).first(),
  );
  if (!row) throw new Refused(`${month.name} is not in the archive`);
  if (row.folder === null) throw new Refused(`${month.name} was carried away: its set must be brought back first`);
  await refuseOtherKey(server, id, row, identity);
  const wishId = randomUUID();
  const wish: ArchiveRestoreRow = {
    ...{ id: wishId, customer_id: id, from_at: month.from, until_at: server.now() + days * 86_400_000 },
    ...{ asked_at: server.now(), asked_by: actor.name ?? actor.kind, fault: null },
    identity: identity ? server.masterKey.seal(identity, aboutRestore(wishId)) : null,
  };
  await server.registry('archive_restores').insert(wish).onConflict(['customer_id', 'from_at']).merge();
  const entry = { at: server.now(), actor, action: 'month-restore-asked', subject: month.name } as const;
  await auditForBoth(server, id, { ...entry, detail: { days } });
}

/** That it doesn't fit is better said now than by the job. */
async function refuseOtherKey(
  server: ServerContext,
  id: CustomerId,
  { manifest }: ArchiveMonthRow,
  identity: string | undefined,
): Promise<void> {
  const given = identity ? [identity] : await keptIdentities(server, id);
  if (given.length === 0) {
    throw new Refused('identity: no copy of a key is kept here, so give the one that you keep: AGE-SECRET-KEY-1…');
  }
  const to = readSigned(manifest ?? '', Manifest, server.dataFolder)?.recipients ?? [];
  for (const one of given) {
    const recipient = await recipientOf(one);
    if (recipient === undefined) throw new Refused('identity: it must be a line that begins with AGE-SECRET-KEY-1');
    if (to.includes(recipient)) return;
  }
  throw new Refused(`identity: this month was sealed to other keys: ${to.join(', ')}`);
}

/** Removes a restored month, or a wish for one; false where there is neither. */
export async function giveBack(server: ServerContext, id: CustomerId, month: Month, actor: Actor): Promise<boolean> {
  const wishes = server.registry<ArchiveRestoreRow>('archive_restores');
  const wished = await wishes.where({ customer_id: id, from_at: month.from }).delete();
  const wasThere = removeRestored(server, id, month.name);
  if (wished === 0 && !wasThere) return false;
  await auditForBoth(server, id, { at: server.now(), actor, action: 'month-given-back', subject: month.name });
  return true;
}

/** As what is sealed of a wish for a month says which it is. */
export function aboutRestore(id: string): string {
  return `the wish ${id} for a month of the archive`;
}
