import type { Knex } from 'knex';

/**
 * Runs `work` in one transaction: all of it is committed, or nothing. The connection handed to `work` keeps its brand;
 * use it alone inside.
 */
export function atomically<Db extends Knex, T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  return db.transaction((trx) => work(trx as unknown as Db));
}
