import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atomically } from '../../db/atomically.ts';
import type { AuditRow } from '../../db/audit-table.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { CustomerId } from '../../db/customers.ts';
import { until } from '../../test/faults/until.ts';
import { buildWorld, type World } from '../build-world.ts';
import { auditHeadsJob } from '../jobs/audit-heads-job.ts';
import { FakeLease } from '../jobs/build-lease.ts';
import { eraseCustomer } from '../keeping/erase.ts';
import { chained } from './build-trail.ts';
import { readHeads } from './heads.ts';
import { headOf } from './trail.ts';
import { verifyServer } from './verify-server.ts';

/** Signs the heads as the job does every hour. */
async function signed(world: World, customerId: CustomerId): Promise<void> {
  const { auditHeads: folder, dataFolder, customers } = world.context;
  const head = await customers.use(customerId, headOf);
  const lease = new FakeLease(1);
  const job = auditHeadsJob(world.context, lease);
  lease.gain(1);
  const latest = () => readHeads({ folder, dataFolder }).byTrail.get(customerId)?.at(-1)?.id;
  await until('the head is signed', () => latest() === head?.id);
  await job.stop();
}

async function faultsOf(world: World): Promise<string[]> {
  const { trails, heads, isWhole } = await verifyServer(world.context);
  const faults = [...heads.faults, ...trails.flatMap(({ name, faults }) => faults.map((f) => `${name}: ${f.what}`))];
  assert.equal(isWhole, faults.length === 0);
  return faults;
}

test("a cut tail and a trail written anew are found, the provider's and a customer's; an erased customer's is missed by nobody", async () => {
  await using world = await buildWorld();
  const { registry, customers } = world.context;
  const acme = await world.addCustomer('Acme');
  await world.signedIn('alice', acme, 'admin');
  await signed(world, acme);
  assert.deepEqual(await faultsOf(world), []);
  const { trails } = await verifyServer(world.context);
  assert.deepEqual(
    trails.map(({ name, heads }) => [name, heads > 0]),
    [
      ['the provider', true],
      ['Acme', true],
    ],
  );
  const only = await verifyServer(world.context, acme);
  assert.deepEqual(
    only.trails.map(({ name }) => name),
    ['Acme'],
  );

  const last = await customers.use(acme, (db) => db<AuditRow>('audit').orderBy('id', 'desc').first());
  assert.ok(last);
  await customers.use(acme, (db) => db('audit').where({ id: last.id }).delete());
  assert.match((await faultsOf(world)).join(), /^Acme: .*the trail was cut$/);
  await customers.use(acme, (db) => db('audit').insert(last));
  assert.deepEqual(await faultsOf(world), []);

  const rows: AuditRow[] = await registry('audit').orderBy('id');
  await registry('audit').delete();
  await registry('audit').insert(chained(rows.map((row) => ({ ...row, actor_name: 'nobody' }))));
  assert.match((await faultsOf(world)).join(), /^the provider: .*written anew$/);
  await registry('audit').delete();
  await registry('audit').insert(rows);

  await eraseCustomer(world.context, 'Acme');
  assert.deepEqual(await faultsOf(world), []);
  await registry('audit').where({ action: 'customer-erased' }).delete();
  assert.match((await faultsOf(world)).join(), /the customer is gone and no erasure is written down/);
});

test('a long trail is read in slices: memory does not grow with it', async (t) => {
  await using world = await buildWorld();
  const { registry } = world.context;
  const entries = process.env.VEDETTE_LONG ? 1_000_000 : 6000;
  const rows = chained(Array.from({ length: entries }, (_, i) => ({ subject: `user ${i}` })));
  await atomically(registry, async (trx) => {
    for (let from = 0; from < entries; from += 1000) await insertAll(trx, 'audit', rows.slice(from, from + 1000));
  });
  rows.length = 0;
  const begin = performance.now();
  const { trails, isWhole } = await verifyServer(world.context);
  t.diagnostic(`${entries} entries in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  assert.deepEqual([trails[0]?.entries, isWhole], [entries, true]);
});
