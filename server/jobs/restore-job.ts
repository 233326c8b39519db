import { monthOf } from '../../db/customer/months.ts';
import type { ArchiveRestoreRow } from '../../db/registry/rows.ts';
import { keptIdentities } from '../archive/keys.ts';
import { restoredMonths, tellRestored } from '../archive/restore.ts';
import { restoreApart } from '../archive/restore-apart.ts';
import { aboutRestore } from '../archive/restore-wish.ts';
import type { ServerContext } from '../http/context.ts';
import type { JobsLease } from './lease.ts';
import { type Job, leasedJob } from './leased-job.ts';

const failed = 'the turn that brings back months of archives failed; it is tried again';

/**
 * Brings back months of archives that somebody asked for, while it holds the lease: one after the other, but for those of
 * customers whose database answers nothing.
 */
export function restoreJob(server: ServerContext, lease: JobsLease, everyMs = 3000): Job {
  return leasedJob(server, lease, { everyMs, whenGained: true, failed }, async (turn) => {
    const wishes = await server.registry<ArchiveRestoreRow>('archive_restores').whereNull('fault').orderBy('asked_at');
    for (const wish of wishes) {
      if (turn.fence !== undefined) await turn.take(wish.customer_id, () => carryOut(server, wish));
    }
  });
}

/** Whatever comes of it, what opens the month is not kept any longer. */
async function carryOut(server: ServerContext, wish: ArchiveRestoreRow): Promise<void> {
  const { id, customer_id: customerId, from_at, until_at: until, identity, asked_by } = wish;
  const month = monthOf(from_at);
  const row = server.registry<ArchiveRestoreRow>('archive_restores').where({ id });
  if (restoredMonths(server, customerId).some((one) => one.month === month.name)) {
    await row.delete(); // by a holder of the lease who ended just then
    return;
  }
  try {
    const { masterKey } = server;
    const given =
      identity === null ? await keptIdentities(server, customerId) : [masterKey.unseal(identity, aboutRestore(id))];
    await restoreApart(server, { customerId, month, identities: given, until });
    await row.delete();
    await tellRestored(server, customerId, month.name, { kind: 'server', name: `for ${asked_by}` });
    server.log.info({ customer: customerId, month: month.name, until: new Date(until) }, 'a month was brought back');
  } catch (error) {
    if (server.stopping.signal.aborted) return; // the next holder of the lease begins anew
    const why = error instanceof Error ? error.message : String(error);
    server.log.error(
      { customer: customerId, month: month.name, err: error },
      'a month of the archive could not be brought back',
    );
    await row.update({ fault: why, identity: null });
  }
}
