import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { DatabaseUnusable } from '../../db/database-unusable.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { inTime } from '../http/in-time.ts';

/** Customers of one database server that are read at a time. */
const atOnce = 16;
/** So much of the patience is left for each customer of a database server that has answered nobody for as long. */
const leftForEach = 1 / 40;

export interface Patience {
  /** How long is waited for one customer (ms): a database server that hangs is not to hold up what is known of the others. */
  patienceMs?: number;
  /** Who asks again keeps this: for whom somebody waited in vain is not asked again until that has ended. */
  overdue?: Set<CustomerId>;
}

export type Outcome<T> = PromiseSettledResult<T> & { customer: CustomerRow };

/**
 * What `read` finds in each customer's database, or why it could not be read, by the customers' names. However many there are
 * on a database server that hangs, they take little longer than one.
 */
export async function readEach<T>(
  { registry, customers }: Pick<ServerContext, 'registry' | 'customers'>,
  read: (db: CustomerDb) => Promise<T>,
  { patienceMs = 5000, overdue = new Set() }: Patience = {},
): Promise<Outcome<T>[]> {
  const rows = await registry<CustomerRow>('customers').orderBy('name');
  const outcomes = new Map<CustomerId, Outcome<T>>();
  const readThoseOf = async (databaseServer: readonly CustomerRow[]) => {
    const waiting = databaseServer.values();
    let answeredAt = performance.now();
    const readOne = async (db: CustomerDb) => {
      const found = await read(db);
      answeredAt = performance.now();
      return found;
    };
    const work = async () => {
      for (const customer of waiting) {
        const waitMs = Math.max(patienceMs * leftForEach, answeredAt + patienceMs - performance.now());
        const [outcome] = await Promise.allSettled([readInTime(customer.id, readOne, waitMs)]);
        outcomes.set(customer.id, { ...outcome, customer });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  };
  const readInTime = async (id: CustomerId, readOne: typeof read, waitMs: number): Promise<T> => {
    if (overdue.has(id)) throw new DatabaseUnusable('what it was asked before is not answered yet');
    const reading = customers.use(id, readOne);
    return inTime(reading, waitMs, () => {
      overdue.add(id);
      reading.catch(() => {}).finally(() => overdue.delete(id));
      throw new DatabaseUnusable(`its database has not answered within ${Math.round(waitMs) / 1000} s`);
    });
  };
  await Promise.all(
    Map.groupBy(rows, (row) => row.database_server)
      .values()
      .map(readThoseOf),
  );
  return rows.flatMap(({ id }) => outcomes.get(id) ?? []);
}
