import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { ConnectionLost } from './database-unusable.ts';
import { standInLine } from './engines/dialect.ts';
import { isConflict } from './engines/mysql-errors.ts';

const mostTries = 5;

/**
 * Runs `work` in one transaction: all of it is committed, or nothing. The connection handed to `work` keeps its brand;
 * use it alone inside. Where the engine undid everything because of a deadlock, a time-out or a broken connection, `work`
 * is done again from its beginning, at most five times in all: so whatever it leaves behind outside of the database must
 * bear that. Throws `ConnectionLost` if the connection broke during the commit: then nobody knows what became of it.
 */
export async function atomically<Db extends Knex, T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  if (db.isTransaction) return db.transaction((trx) => work(trx as unknown as Db)); // the outermost one begins anew
  for (let tries = 1; ; tries++) {
    let isCommitting = false;
    try {
      return await db.transaction(async (trx) => {
        await standInLine(trx);
        const result = await work(trx as unknown as Db);
        isCommitting = true;
        return result;
      });
    } catch (error) {
      const isUndone = isConflict(error) || (error instanceof ConnectionLost && !isCommitting);
      if (!isUndone || tries === mostTries) throw error;
      await sleep(Math.random() * 20 * 2 ** tries);
    }
  }
}
