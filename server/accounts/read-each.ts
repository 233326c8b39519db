import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { DatabaseUnusable } from '../../db/database-unusable.ts';
import type { ServerContext } from '../http/context.ts';
import { type Customer, listCustomers } from './customers.ts';

/** Customers that are read at a time. */
const atOnce = 16;

export interface Patience {
  /** How long is waited for one customer (ms): a database server that hangs is not to hold up what is known of the others. */
  patienceMs?: number;
  /** Who asks again keeps this: for whom somebody waited in vain is not asked again until that has ended. */
  overdue?: Set<CustomerId>;
}

export type Outcome<T> = PromiseSettledResult<T> & { customer: Customer };

/** What `read` finds in each customer's database, or why it could not be read, by the customers' names. */
export async function readEach<T>(
  server: ServerContext,
  read: (db: CustomerDb) => Promise<T>,
  { patienceMs = 5000, overdue = new Set() }: Patience = {},
): Promise<Outcome<T>[]> {
  const customers = await listCustomers(server);
  const outcomes: Outcome<T>[] = [];
  const waiting = customers.entries();
  const work = async () => {
    for (const [at, customer] of waiting) {
      const [outcome] = await Promise.allSettled([readInTime(customer.id)]);
      outcomes[at] = { ...outcome, customer };
    }
  };
  const readInTime = async (id: CustomerId): Promise<T> => {
    if (overdue.has(id)) throw new DatabaseUnusable('what it was asked before is not answered yet');
    const reading = server.customers.use(id, read);
    const done = new AbortController();
    const late = sleep(patienceMs, undefined, { signal: done.signal }).then(() => {
      overdue.add(id);
      reading.catch(() => {}).finally(() => overdue.delete(id));
      throw new DatabaseUnusable(`its database has answered nothing for ${patienceMs / 1000} s`);
    });
    try {
      return await Promise.race([reading, late]);
    } finally {
      done.abort();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
}
