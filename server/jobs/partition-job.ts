import { addPartitions } from '../../db/customer/partitions.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import type { JobsLease } from './lease.ts';
import { forEachCustomer, type Job, leasedJob } from './leased-job.ts';

/** Months are made two ahead, so that a server may be away for weeks. */
const everyMs = 12 * 3_600_000;
const failed = 'months could not be made ahead; it will be tried again in half a day';

/**
 * Makes months ahead where customers' tables lie in partitions, when the lease is got and twice a day. A month that is
 * there already is left as it is, so that one who was halted in the midst of it does no harm.
 */
export function partitionJob(server: ServerContext, lease: JobsLease): Job {
  const { registry, customers, log, now } = server;
  return leasedJob(server, lease, { everyMs, whenGained: true, failed }, async (turn) => {
    const ids = await registry<CustomerRow>('customers').where({ engine: 'mysql' }).pluck('id');
    await forEachCustomer(turn, ids, async (id) => {
      const made = await customers.use(id, (db) => addPartitions(db, now()));
      if (made > 0) log.info({ customer: id, partitions: made }, 'months were made ahead');
    });
  });
}
