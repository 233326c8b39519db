import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { monthOf } from '../../db/customer/months.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { NoAnswer } from '../../db/database-unusable.ts';
import { type MysqlAddress, mysqlAddress, openMysql } from '../../db/engines/mysql.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { until } from '../../test/faults/until.ts';
import { type MariaDb, mariaDb } from '../../test/mariadb.ts';
import { addCustomer } from '../accounts/customers.ts';
import { readNames } from '../archive/names.ts';
import { liveSums } from '../archive/sums.ts';
import { buildWorld } from '../build-world.ts';
import { eraseCustomer } from '../keeping/erase.ts';
import { addressOf } from './customer-database.ts';
import { addDatabaseServer } from './database-servers.ts';

let mariadb: MariaDb;
before(async () => {
  mariadb = await mariaDb();
});
after(() => mariadb.close());

test('counting for an archive or an erasure may take longer than a database server may be silent otherwise', async () => {
  await using world = await buildWorld();
  const { context } = world;
  await addDatabaseServer(context, 'far', mariadb.url);
  const { id } = await addCustomer(context, 'Acme', { databaseServer: 'far' });
  const row = await context.registry<CustomerRow>('customers').where({ id }).first();
  const address = (await addressOf(context, row ?? assert.fail())) as MysqlAddress;
  const db = openMysql(address, { silence: 500, connections: 3 }) as CustomerDb;
  const administrator = openMysql(mysqlAddress(mariadb.url));
  const piece = { month: monthOf(context.now()), part: 0 };
  const names = await readNames(db);
  await administrator.raw(`lock tables ${address.database}.runs write`);
  const sums = liveSums(db, piece, names);
  const customers = { ...context.customers, use: (async (_, work) => work(db)) as typeof context.customers.use };
  const erased = eraseCustomer({ ...context, customers }, 'Acme');
  const waiting = `select count(*) from information_schema.processlist where db = '${address.database}' and state like 'Waiting for%'`;
  await until('both wait', async () => (await mariadb.sql(waiting)).trim() === '2');
  await assert.rejects(Promise.resolve(db('runs').first()), NoAnswer);
  await administrator.raw('unlock tables');
  assert.deepEqual((await sums).of, []);
  assert.equal((await erased).rows?.runs, 0);
  await administrator.destroy();
  await db.destroy();
});
