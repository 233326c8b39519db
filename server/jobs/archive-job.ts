import type { CustomerRow } from '../../db/registry/rows.ts';
import { moveApart } from '../archive/apart.ts';
import { recipientsOf } from '../archive/keys.ts';
import { dueOf } from '../archive/run-archive.ts';
import type { ServerContext } from '../http/context.ts';
import type { JobsLease } from './lease.ts';
import { forEachCustomer, type Job, leasedJob } from './leased-job.ts';

const dayMs = 86_400_000;
const failed = 'months could not be moved into the archive; nothing is lost, and it will be tried again in a day';

/**
 * Moves months that are old enough into their customers' archives, once a day and when the lease is got, one month of each
 * customer at a time, while it holds the lease. Without a folder for the archive it does nothing.
 */
export function archiveJob(server: ServerContext, lease: JobsLease, everyMs = dayMs): Job {
  const { registry, log, archiveFolder } = server;
  return leasedJob(server, lease, { everyMs, whenGained: true, failed }, async (turn) => {
    if (archiveFolder === undefined) return;
    const ids = await registry<CustomerRow>('customers').pluck('id');
    await forEachCustomer(server, ids, { turn, failed }, async (id, fence) => {
      const due = await dueOf(server, id, { oneMonth: true });
      if (due.length === 0) return;
      if ((await recipientsOf(server, id)).length === 0) {
        const next = 'vedette-server archive keys make';
        log.warn({ customer: id, next }, 'a month is due for the archive, which has no key: it stays in the database');
        return;
      }
      const moved = await moveApart(server, id, fence, () => turn.fence === fence);
      for (const one of moved) log.info({ customer: id, ...one }, 'a month was moved into the archive');
    });
  });
}
