import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { atomically } from '../../db/atomically.ts';
import type { AuditRow } from '../../db/audit-table.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { CustomerUnknown } from '../../db/customers.ts';
import { DatabaseUnusable } from '../../db/database-unusable.ts';
import { SchemaTooNew } from '../../db/migrate.ts';
import { until } from '../../test/faults/until.ts';
import { buildWorld, type World } from '../build-world.ts';
import { verdictText } from '../commands/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { auditHeadsJob } from '../jobs/audit-heads-job.ts';
import { FakeLease } from '../jobs/build-lease.ts';
import { eraseCustomer, signErasureAgain } from '../keeping/erase.ts';
import { exportCustomer } from '../keeping/export.ts';
import { importCustomer } from '../keeping/import.ts';
import { audit, commandLine } from './audit.ts';
import { chained } from './build-trail.ts';
import { readHeads } from './heads.ts';
import { verifyServer } from './verify-server.ts';

/** The job that signs heads: `sign` is its turn, as each hour; `errors` what it said was wrong. */
function signing(world: World, context: ServerContext = world.context) {
  const { auditHeads: folder, dataFolder } = context;
  const errors: unknown[] = [];
  let turns = 0;
  const told = { error: (what: unknown) => errors.push(what), info: () => turns++ };
  const log = Object.assign(Object.create(context.log), told);
  const lease = new FakeLease(1);
  const job = auditHeadsJob({ ...context, log }, lease);
  return {
    errors,
    heads: () => readHeads({ folder, dataFolder }),
    async sign() {
      const before = turns;
      lease.gain(1);
      await until('the heads are signed', () => turns > before);
    },
    [Symbol.asyncDispose]: () => job.stop(),
  };
}

async function faultsOf(world: World): Promise<string[]> {
  const { trails, heads, isWhole } = await verifyServer(world.context);
  const faults = [...heads.faults, ...trails.flatMap(({ name, faults }) => faults.map((f) => `${name}: ${f.what}`))];
  assert.equal(isWhole, faults.length === 0);
  return faults;
}

test("a cut tail and a trail written anew are found, the provider's and a customer's", async () => {
  await using world = await buildWorld();
  const { registry, customers } = world.context;
  const acme = await world.addCustomer('Acme');
  await world.signedIn('alice', acme, 'admin');
  await using job = signing(world);
  await job.sign();
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
});

test('whoever can write to the databases can pass nothing off as an erasure: what was signed before still counts', async () => {
  await using world = await buildWorld();
  const { registry, customers } = world.context;
  const acme = await world.addCustomer('Acme');
  await using job = signing(world);
  await job.sign();
  await customers.use(acme, async (db) => {
    const rows: AuditRow[] = await db('audit').orderBy('id');
    await db('audit').delete();
    await db('audit').insert(chained(rows.map((row) => ({ ...row, actor_name: 'nobody' }))));
  });
  const at = Date.UTC(2100, 0, 1);
  const detail = { id: acme };
  await audit(registry, { at, actor: commandLine, action: 'customer-erased', subject: 'Acme', detail });
  assert.match((await faultsOf(world)).join(), /^Acme: .*written anew$/);
  await job.sign();
  assert.deepEqual(job.errors, [{ trail: acme, entry: 1 }]);
  assert.match((await faultsOf(world)).join(), /^Acme: .*written anew$/); // though its head is signed now

  await registry('customers').where({ id: acme }).delete();
  assert.match((await faultsOf(world)).join(), /the customer is gone, and nobody signed that it was erased/);
});

/** A customer whose trail has gone on since it was exported. */
async function exported(world: World) {
  const acme = await world.addCustomer('Acme');
  const file = join(world.context.dataFolder, 'acme.vedette');
  await exportCustomer(world.context, acme, file);
  await world.signedIn('alice', acme);
  return { acme, file };
}

test('an erased customer is missed by nobody; it comes back with an older trail, and what is signed then counts', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const { acme, file } = await exported(world);
  await using job = signing(world);
  await job.sign();
  // Another server has read its head already, and signs what it has read once it is erased.
  const use: typeof context.customers.use = async (id, work) => {
    const read = await context.customers.use(id, work);
    await eraseCustomer(context, 'Acme');
    return read;
  };
  await using other = signing(world, { ...context, customers: { ...context.customers, use } });
  await other.sign();
  assert.deepEqual([await faultsOf(world), other.heads().byTrail.get(acme)], [[], undefined]);

  await importCustomer(context, file);
  assert.deepEqual(await faultsOf(world), []);
  await job.sign();
  assert.deepEqual([await faultsOf(world), job.errors, job.heads().byTrail.get(acme)?.length], [[], [], 1]);
  await context.customers.use(acme, (db) => db('audit').delete());
  assert.match((await faultsOf(world)).join(), /^Acme: .*the trail was cut$/);
});

test('an erasure during the turn that signs is seen by who signed before it, too', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const { acme, file } = await exported(world);
  let [turns, isErased] = [0, false];
  const use: typeof context.customers.use = async (id, work) => {
    const read = await context.customers.use(id, work);
    if (++turns === 2) {
      await eraseCustomer(context, 'Acme');
      isErased = true;
    }
    return read;
  };
  await using job = signing(world, { ...context, customers: { ...context.customers, use } });
  await job.sign();
  await job.sign();
  assert.ok(isErased);
  await importCustomer(context, file);
  await job.sign();
  assert.deepEqual([await faultsOf(world), job.errors, job.heads().byTrail.get(acme)?.length], [[], [], 1]);
});

test('an erasure that was signed in another folder is signed again by its id, while the customer is not here', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const acme = await world.addCustomer('Acme');
  await using job = signing(world);
  await job.sign();
  assert.equal(await signErasureAgain(context, acme), undefined);
  const elsewhere = join(context.dataFolder, 'elsewhere');
  const { signed } = await eraseCustomer({ ...context, auditHeads: elsewhere }, 'Acme');
  assert.equal(signed.folder, elsewhere);
  assert.match((await faultsOf(world)).join(), /the customer is gone, and nobody signed that it was erased/);

  assert.equal(await signErasureAgain(context, 'Acme'), undefined, 'many may have had the name');
  const again = await signErasureAgain(context, acme);
  assert.deepEqual([again?.customer.name, again?.signed.folder], ['Acme', context.auditHeads]);
  assert.equal(await world.addCustomer('Bolt').then((id) => signErasureAgain(context, id)), undefined);
  assert.deepEqual(await faultsOf(world), []);
});

test('a trail whose database is not there is not told as one that was written to', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const acme = await world.addCustomer('Acme');
  const lastLine = async (fails: (turn: number) => Error | undefined) => {
    let turns = 0;
    const use: typeof context.customers.use = (id, work) => {
      const error = fails(++turns);
      return error && id === acme ? Promise.reject(error) : context.customers.use(id, work);
    };
    const found = await verifyServer({ ...context, customers: { ...context.customers, use } });
    return [found.isWhole, verdictText(found).split('\n').at(-1)?.slice(0, 34)];
  };
  assert.deepEqual(await lastLine(() => undefined), [true, 'Nothing was changed.']);
  const away = new DatabaseUnusable('cannot work with the database');
  for (const error of [
    away,
    new Refused('another master key'),
    new SchemaTooNew('a newer version'),
    new CustomerUnknown(),
  ])
    assert.deepEqual(await lastLine(() => error), [false, 'Nothing was changed in what could '], String(error));
  const changed = [false, 'NOT as it was written: keep the da'];
  assert.deepEqual(await lastLine(() => new Error('no such table: audit')), changed);
  const later = (turn: number) => (turn > 1 ? away : undefined);
  assert.deepEqual(await lastLine(later), [false, 'Nothing was changed in what could ']);
  await context.customers.use(acme, (db) => db('audit').where({ id: 1 }).update({ actor_name: 'nobody' }));
  assert.deepEqual(await lastLine(later), changed, 'what was found before still counts');
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
