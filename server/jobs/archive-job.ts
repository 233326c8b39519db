import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { keepArchive } from '../archive/apart.ts';
import { recipientsOf } from '../archive/keys.ts';
import { restoredMonths } from '../archive/restore.ts';
import { dueOf } from '../archive/run-archive.ts';
import { archiveSettings } from '../archive/settings.ts';
import { drillIsDue } from '../archive/verify-archive.ts';
import type { ServerContext } from '../http/context.ts';
import { customerTurns } from './customer-turns.ts';
import type { JobsLease } from './lease.ts';
import { forEachCustomer, type Job, leasedJob } from './leased-job.ts';

const dayMs = 86_400_000;
/** Two months are moved at a time only where the first takes as long as no month does. */
const longestMs = dayMs / 4;
const failed = 'an archive could not be looked after; nothing is lost, and it will be tried again in a day';

/**
 * Looks after the customers' archives once a day and when the lease is got, while it holds the lease: moves months that are
 * old enough, one of each customer at a time, erases what has reached its age, verifies a piece a week, and removes restored
 * months whose time is over. Without a folder for the archive nothing is moved.
 */
export function archiveJob(server: ServerContext, lease: JobsLease, everyMs = dayMs): Job {
  const { registry, log, archiveFolder } = server;
  const take = customerTurns(server, { longestMs, failed });
  return leasedJob(server, lease, { everyMs, whenGained: true, failed }, async (turn) => {
    const ids = await registry<CustomerRow>('customers').pluck('id');
    const busy: CustomerId[] = [];
    await forEachCustomer(turn, ids, async (id) => {
      restoredMonths(server, id);
      if (archiveFolder !== undefined && (await hasWork(server, id))) busy.push(id);
    });
    const keep = async (id: CustomerId, fence: number) => {
      const { moved, erased, drill } = await keepArchive(server, id, fence, () => turn.fence === fence);
      for (const one of moved) log.info({ customer: id, ...one }, 'a month was moved into the archive');
      if (erased.length > 0) log.info({ customer: id, erased }, 'months were erased from the archive');
      const next = 'vedette-server archive verify';
      if (drill?.faults.length) log.error({ customer: id, ...drill, next }, 'the archive is not as it was sealed');
      else if (drill) log.info({ customer: id, ...drill }, 'a piece of the archive was verified');
    };
    await forEachCustomer(turn, busy, keep, take);
  });
}

async function hasWork(server: ServerContext, id: CustomerId): Promise<boolean> {
  const due = await dueOf(server, id, { oneMonth: true });
  const hasKey = (await recipientsOf(server, id)).length > 0;
  if (due.length > 0 && !hasKey) {
    const next = 'vedette-server archive keys make';
    server.log.warn(
      { customer: id, next },
      'a month is due for the archive, which has no key: it stays in the database',
    );
  }
  if (due.length > 0 && hasKey) return true;
  const row = await server.registry<CustomerRow>('customers').where({ id }).first();
  const mayErase = row !== undefined && archiveSettings(row).eraseMonths !== null;
  return mayErase || (await server.customers.use(id, (db) => drillIsDue(db, server.now())));
}
