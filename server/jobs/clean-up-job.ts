import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { CustomerRow, EvidenceBeyondQuotaRow } from '../../db/registry/rows.ts';
import { cleanUp } from '../evidence/clean-up.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import type { ServerContext } from '../http/context.ts';
import { removeOldTrials } from '../trials/remove-old-trials.ts';
import { passFence } from './fence.ts';
import type { JobsLease } from './lease.ts';
import { forEachCustomer, type Job, leasedJob } from './leased-job.ts';

interface Pace {
  /** How often every customer's is cleaned up (ms), and that of those who were found to have too much. */
  allMs: number;
  fullMs: number;
}

const usualPace: Pace = { allMs: 3_600_000, fullMs: 60_000 };
const failed = 'trials and evidence could not be cleaned up; it will be tried again in an hour';

/**
 * Cleans up every customer's trials and evidence once an hour, as `removeOldTrials` and `cleanUp` say, and within a minute
 * where there is too much, while it holds the lease.
 */
export function cleanUpJob(server: ServerContext, lease: JobsLease, pace: Partial<Pace> = {}): Job {
  const { registry, customers, log, now, evidenceBytes: quotaBytes } = server;
  const { allMs, fullMs } = { ...usualPace, ...pace };
  let didAllAt = performance.now();
  return leasedJob(server, lease, { everyMs: Math.min(allMs, fullMs), failed }, async (turn) => {
    const isForAll = performance.now() - didAllAt >= allMs;
    const full = await takeFull(registry);
    const ids = isForAll ? await registry<CustomerRow>('customers').pluck('id') : full;
    if (isForAll) didAllAt = performance.now();
    await forEachCustomer(turn, ids, async (id, fence) => {
      const guard = (trx: CustomerDb) => passFence(trx, fence);
      const store = evidenceOf(server, id);
      await customers.use(id, (db) => removeOldTrials(db, now(), guard)); // first, so that their files go with them
      const removed = await customers.use(id, (db) => cleanUp(db, store, { now: now(), quotaBytes, guard }));
      if (removed.bytes > 0) log.info({ customer: id, ...removed }, 'evidence was cleaned up');
    });
  });
}

/** Whom any process found to have too much. Should this one die meanwhile, they are found again: whoever is refused comes back. */
async function takeFull(registry: Registry): Promise<CustomerId[]> {
  const rows = () => registry<EvidenceBeyondQuotaRow>('evidence_beyond_quota');
  const ids = await rows().pluck('customer_id');
  if (ids.length > 0) await rows().whereIn('customer_id', ids).delete();
  return ids;
}
