import type { FenceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** A later holder of the lease has written here: whoever meets this has lost it, and must write nothing. */
export class Outrun extends Error {
  override readonly name = 'Outrun';
  readonly by: number;

  constructor(by: number) {
    super(`another server process does the jobs now (fence ${by})`);
    this.by = by;
  }
}

/**
 * To be called first in a transaction in which a job writes: from its commit on nobody with a lower fence writes here.
 * Throws `Outrun` where one with a higher fence has.
 */
export async function passFence(trx: CustomerDb, fence: number): Promise<void> {
  const row = await trx<FenceRow>('job_fence').first();
  if (row && row.fence > fence) throw new Outrun(row.fence);
  if (row?.fence !== fence) await trx('job_fence').insert({ id: 1, fence }).onConflict('id').merge();
}
