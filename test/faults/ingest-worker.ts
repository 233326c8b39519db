import { customerMigrations } from '../../db/customer/migrations.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { type DatabaseAddress, openDatabase } from '../../db/open-database.ts';
import { ingest } from '../../server/ingest/ingest.ts';
import type { Reporter } from '../../server/ingest/reporters.ts';

/* Takes runs in, in a process of its own, and is killed before a statement: a real one, so that nothing is tidied up. */

export interface Work {
  at: DatabaseAddress;
  sentinel: Reporter;
  runs: unknown[];
  now: number;
  /** Which statement; one more than there are: after the commit, before anybody hears of it. */
  killBefore: number;
}

process.once('message', async ({ at, sentinel, runs, now, killBefore }: Work) => {
  const db = (await openDatabase(at, customerMigrations)) as CustomerDb;
  let statements = 0;
  const client = Object.getPrototypeOf(db.client);
  const carryOut = client._query;
  client._query = function (...query: unknown[]) {
    if (++statements === killBefore) process.kill(process.pid, 'SIGKILL');
    return carryOut.apply(this, query);
  };
  await ingest(db, sentinel, runs, now);
  if (statements + 1 === killBefore) process.kill(process.pid, 'SIGKILL');
  process.send?.(statements);
  await db.destroy();
  process.disconnect?.();
});
