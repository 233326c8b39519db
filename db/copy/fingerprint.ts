import type { Knex } from 'knex';
import { z } from 'zod';
import type { Table } from './tables.ts';

/** What tells two tables apart: how many rows there are, and a sum for each column. */
export const Fingerprint = z.object({ rows: z.int(), sums: z.record(z.string(), z.int()) });
export type Fingerprint = z.infer<typeof Fingerprint>;

/** So that sums of instants stay integers that every engine adds up exactly; a prime, so that no digit goes unseen. */
const modulus = 1_000_003;

/** Counts a table's rows and adds up each column, numbers by their remainder, all else by its length in bytes. */
export async function fingerprint(db: Knex, { name, columns }: Table): Promise<Fingerprint> {
  const sums = columns.map(({ kind }, at) =>
    kind === 'integer' ? `coalesce(sum(?? % ${modulus}), 0) as s${at}` : `coalesce(sum(octet_length(??)), 0) as s${at}`,
  );
  const names = columns.map((column) => column.name);
  const found = await db(name)
    .select(db.raw(['count(*) as n', ...sums].join(', '), names))
    .first();
  return { rows: found.n, sums: Object.fromEntries(names.map((column, at) => [column, found[`s${at}`]])) };
}
