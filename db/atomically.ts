import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { ConnectionLost, DatabaseUnusable } from './database-unusable.ts';
import { type Place, standInLine } from './engines/dialect.ts';
import { isConflict } from './engines/mysql-errors.ts';

const mostTries = 5;

/**
 * Runs `work` in one transaction: all of it is committed, or nothing. The connection handed to `work` keeps its brand;
 * use it alone inside. Where the engine undid everything because of a deadlock, a time-out or a broken connection, `work`
 * is done again from its beginning, at most five times in all: so whatever it leaves behind outside of the database must
 * bear that. Throws `DatabaseUnusable` if others stood in the way each time, `ConnectionLost` if the connection broke during the commit: then nobody knows what became of it.
 * `place` says whether it has the database to itself: see `standInLine`.
 */
export async function atomically<Db extends Knex, T>(
  db: Db,
  work: (db: Db) => Promise<T>,
  place: Place = 'alone',
): Promise<T> {
  if (db.isTransaction) return db.transaction((trx) => work(trx as unknown as Db)); // the outermost one begins anew
  await loopTurn();
  for (let tries = 1; ; tries++) {
    let isCommitting = false;
    try {
      return await db.transaction(async (trx) => {
        await standInLine(trx, place);
        const result = await work(trx as unknown as Db);
        isCommitting = true;
        return result;
      });
    } catch (error) {
      const isUndone = isConflict(error) || (error instanceof ConnectionLost && !isCommitting);
      if (!isUndone) throw error;
      if (tries === mostTries) throw isConflict(error) ? inTheWay(error) : error;
      await sleep(Math.random() * 20 * 2 ** tries);
    }
  }
}

/**
 * Whoever else has something to do does it first. With SQLite nothing waits for anything: without it one transaction would
 * follow the other, for minutes, and no connection, request or timer be looked after.
 */
async function loopTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function inTheWay(cause: unknown): DatabaseUnusable {
  const next = 'see which transaction there goes on for so long (show engine innodb status)';
  return new DatabaseUnusable(`another transaction was in the way ${mostTries} times: ${next}`, { cause });
}
