import { firstIdAt } from '../../db/customer/months.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { january } from '../../server/archive/build-archive.ts';

const tables = { runs: 'id', transaction_results: 'run_id', evidence: 'run_id' };

/** What there is of January by table, each in an order of its own; content hashes stay in the live database. */
export async function rowsOfMonth(db: CustomerDb): Promise<Record<string, Record<string, unknown>[]>> {
  const found: Record<string, Record<string, unknown>[]> = {};
  for (const [table, id] of Object.entries(tables)) {
    const rows: Record<string, unknown>[] = await db(table).where(id, '<', firstIdAt(january.to));
    const own = rows.map(({ content_hash: _, ...row }) => inHex(row));
    found[table] = own.sort((a, b) =>
      JSON.stringify([a[id], a.position]) < JSON.stringify([b[id], b.position]) ? -1 : 1,
    );
  }
  return found;
}

/** With bytes as hexadecimal text. */
export function inHex(row: Record<string, unknown>): Record<string, unknown> {
  const hex = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, hex(value)]));
}
