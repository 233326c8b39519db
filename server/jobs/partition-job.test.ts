import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../test/faults/until.ts';
import { type MariaDb, mariaDb } from '../../test/mariadb.ts';
import { buildWorld } from '../build-world.ts';
import { FakeLease } from './build-lease.ts';
import { partitionJob } from './partition-job.ts';

let mariadb: MariaDb;
before(async () => {
  mariadb = await mariaDb();
  process.env.VEDETTE_TEST_DATABASE = mariadb.url;
});
after(() => mariadb.close());

test('months are made ahead by one of two servers, and a customer that cannot be opened holds up no other', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const damaged = await world.addCustomer('Aardvark');
  const id = await world.addCustomer('Brandt');
  const months = () =>
    context.customers.use(id, async (db) => {
      const [rows] = await db.raw('show create table runs');
      return String(Object.values(rows[0])[1]).match(/PARTITION `p\d+`/g)?.length ?? 0;
    });
  const before = await months();
  await context.customers.use(damaged, (db) => db.schema.dropTable('runs'));
  world.advance(100 * 86_400_000);
  const lease = new FakeLease();
  const jobs = [partitionJob(context, lease), partitionJob(context, new FakeLease())];
  lease.gain(1);
  await until('three or four months more', async () => (await months()) >= before + 3);
  for (const job of jobs) await job.stop();
  assert.ok((await months()) <= before + 4);
});
