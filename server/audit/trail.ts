import type { AuditRow } from '../../db/audit-table.ts';
import type { CustomerDb, CustomerId, Customers } from '../../db/customers.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { Head } from './verify.ts';

type Db = Registry | CustomerDb;

const sliceRows = 5000;

/** Lends the database in which a trail lies. */
export type Lend = <T>(work: (db: Db) => Promise<T>) => Promise<T>;

/** The trail of a customer; null: the provider's. */
export function trailOf({ registry, customers }: Databases, id: CustomerId | null): Lend {
  return (work) => (id === null ? work(registry) : customers.use(id, work));
}

interface Databases {
  registry: Registry;
  customers: Customers;
}

/** All entries of a trail from the first on, some thousand at a time; between two of them the database is given back. */
export async function* slicesOf(lend: Lend): AsyncGenerator<AuditRow[]> {
  let after = 0;
  for (;;) {
    const rows = await lend<AuditRow[]>((db) => db('audit').where('id', '>', after).orderBy('id').limit(sliceRows));
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.id;
  }
}

/** Its last entry; undefined while there is none. */
export function headOf(db: Db): Promise<Head | undefined> {
  return db('audit').orderBy('id', 'desc').first('id', 'hash');
}

/** Its entry of this id, as a head. */
export function headAt(db: Db, id: number): Promise<Head | undefined> {
  return db('audit').where({ id }).first('id', 'hash');
}

/** Which entries are looked for; all that is given must hold. */
export interface EntryFilter {
  /** Name of who did it, whole. */
  person?: string | undefined;
  action?: string | undefined;
  /** [from, to) in ms since 1970 */
  from?: number | undefined;
  to?: number | undefined;
}

/** A page of entries, newest first: those before the id `before`. `next` is that of the page after, null at the end. */
export async function entriesOf(
  db: Db,
  { person, action, from, to }: EntryFilter,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<{ rows: AuditRow[]; next: number | null }> {
  const query = db('audit')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (before !== undefined) query.where('id', '<', before);
  if (person !== undefined) query.where('actor_name', person);
  if (action !== undefined) query.where('action', action);
  if (from !== undefined) query.where('at', '>=', from);
  if (to !== undefined) query.where('at', '<', to);
  const found: AuditRow[] = await query;
  const rows = found.slice(0, limit);
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}
