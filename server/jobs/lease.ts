import { atomically } from '../../db/atomically.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { LeaseRow } from '../../db/registry/rows.ts';

/** A lease that ends later than this many times its length from now was taken when a clock was wrong: it doesn't count. */
const believable = 10;

/**
 * Takes or renews the lease `name` until `now + forMs`. Returns its fence, a number that rises with every new holder, or
 * undefined while someone else holds it.
 */
export function holdLease(
  registry: Registry,
  name: string,
  holder: string,
  now: number,
  forMs: number,
): Promise<number | undefined> {
  return atomically(registry, async (trx) => {
    const lease = await trx<LeaseRow>('leases').where({ name }).first();
    const ours = lease?.holder === holder;
    if (lease && !ours && lease.expires_at > now && lease.expires_at < now + believable * forMs) return undefined;
    const fence = ours ? lease.fence : (lease?.fence ?? 0) + 1;
    await trx('leases')
      .insert({ name, holder, fence, expires_at: now + forMs })
      .onConflict('name')
      .merge();
    return fence;
  });
}

/** Gives the lease back, so that another need not wait for its end. The fence stays. */
export async function dropLease(registry: Registry, name: string, holder: string): Promise<void> {
  await registry<LeaseRow>('leases').where({ name, holder }).update({ expires_at: 0 });
}
