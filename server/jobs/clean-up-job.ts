import type { CustomerDb } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { cleanUp } from '../evidence/clean-up.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import type { ServerContext } from '../http/context.ts';
import { removeOldTrials } from '../trials/remove-old-trials.ts';
import { passFence } from './fence.ts';
import type { JobsLease } from './lease.ts';
import { forEachCustomer, type Job, leasedJob } from './leased-job.ts';

const hourMs = 3_600_000;
const failed = 'trials and evidence could not be cleaned up; it will be tried again in an hour';

/** Cleans up every customer's trials and evidence once an hour, as `removeOldTrials` and `cleanUp` say, while it holds the lease. */
export function cleanUpJob(server: ServerContext, lease: JobsLease, everyMs = hourMs): Job {
  const { registry, customers, log, now, evidenceBytes: quotaBytes } = server;
  return leasedJob(server, lease, { everyMs, failed }, async (turn) => {
    const ids = await registry<CustomerRow>('customers').pluck('id');
    await forEachCustomer(turn, ids, async (id, fence) => {
      const guard = (trx: CustomerDb) => passFence(trx, fence);
      const store = evidenceOf(server, id);
      await customers.use(id, (db) => removeOldTrials(db, now(), guard)); // first, so that their files go with them
      const removed = await customers.use(id, (db) => cleanUp(db, store, { now: now(), quotaBytes, guard }));
      if (removed.bytes > 0) log.info({ customer: id, ...removed }, 'evidence was cleaned up');
    });
  });
}
