import { randomUUID } from 'node:crypto';
import type { LocationRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** The id of the location of that name, which is made if there is none. */
export async function locationNamed(trx: CustomerDb, name: string): Promise<string> {
  await trx<LocationRow>('locations').insert({ id: randomUUID(), name }).onConflict('name').merge(['name']);
  const row = await trx<LocationRow>('locations').where({ name }).first('id');
  if (!row) throw new Error(`the location ${name} was made and is not there`);
  return row.id;
}
