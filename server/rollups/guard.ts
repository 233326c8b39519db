import type { CustomerDb } from '../../db/customers.ts';

/** The first thing done in each transaction that writes rollups: what it throws leaves everything as it was. */
export type Guard = (trx: CustomerDb) => Promise<void>;

/** Where nobody else can be writing them. */
export const unguarded: Guard = async () => {};
