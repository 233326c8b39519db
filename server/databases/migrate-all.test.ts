import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { customerMigrations } from '../../db/customer/migrations.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { Migration } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open-database.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { testDatabase } from '../../db/test-database.ts';
import { until } from '../../test/faults/until.ts';
import { CustomersAnswer } from '../accounts/shapes.ts';
import { buildWorld } from '../build-world.ts';
import { serverConfig } from '../config.ts';
import { openContext, type ServerContext } from '../http/context.ts';
import { addressOf, dropDatabase, makeDatabase } from './customer-database.ts';
import { type Migrated, migrateAll } from './migrate-all.ts';

const latest = customerMigrations.length;
const fromTheFuture: Migration = { name: '999-from-the-future', up: async () => {} };

/** A customer whose database another version of the server has left so. */
async function addLeftAt(server: ServerContext, name: string, steps: readonly Migration[]): Promise<CustomerId> {
  const id = randomUUID() as string as CustomerId;
  const place = await makeDatabase(server, id, null);
  await (await openDatabase(await addressOf(server, { id, ...place }), steps)).destroy();
  const row = { id, name, time_zone: 'UTC', created_at: 0, schema_version: steps.length, ...place };
  await server.registry('customers').insert(row);
  return id;
}

test('every customer is brought up to date; one that cannot be is named and left alone', async () => {
  await using world = await buildWorld();
  const { context } = world;
  await world.addCustomer('Alice Ltd');
  await addLeftAt(context, 'Bob Inc', [...customerMigrations, fromTheFuture]);
  await addLeftAt(context, 'Carol BV', customerMigrations.slice(0, 2));
  const told: string[] = [];
  const all = await migrateAll(context, 2, ({ name }) => told.push(name));
  assert.deepEqual(told.toSorted(), ['Alice Ltd', 'Bob Inc', 'Carol BV']);
  const facts = all.map(({ name, before, version, error }) => [name, before, version, error === undefined]);
  assert.deepEqual(facts, [
    ['Alice Ltd', latest, latest, true],
    ['Bob Inc', latest + 1, latest + 1, false],
    ['Carol BV', 2, latest, true],
  ]);
  assert.match(all[1]?.error ?? '', /last used by another, newer version.*"999-from-the-future"/);
  const again = await migrateAll(context, 2, () => {});
  assert.deepEqual(
    again.map(({ before, version }) => before === version),
    [true, true, true],
  );
});

test('a customer whose schema is newer is not served, the others are, and the overview tells of it', async () => {
  await using world = await buildWorld();
  const alices = await world.addCustomer('Alice Ltd');
  const bobs = await addLeftAt(world.context, 'Bob Inc', [...customerMigrations, fromTheFuture]);
  const asOlga = await world.signedIn('olga', null);
  const [asAlice, asBob] = [await world.signedIn('alice', alices), await world.signedIn('bob', alices)];
  await world.context.registry('users').where({ name: 'bob' }).update({ customer_id: bobs });
  const refused = await asBob('GET', `/api/v1/customers/${bobs}/monitors?from=0&to=1`);
  assert.deepEqual([refused.status, refused.code, refused.headers['retry-after']], [503, 'SCHEMA_TOO_NEW', '300']);
  assert.equal((await asAlice('GET', `/api/v1/customers/${alices}/monitors?from=0&to=1`)).status, 200);
  const { customers } = CustomersAnswer.parse((await asOlga('GET', '/api/v1/customers')).json());
  assert.deepEqual(
    customers.map(({ name, isReadable }) => [name, isReadable]),
    [
      ['Alice Ltd', true],
      ['Bob Inc', false],
    ],
  );
});

test('the command tells what became of each customer, and does the rest however often it was killed', async () => {
  const [count, kills] = process.env.VEDETTE_LONG ? [300, 50] : [3, 1];
  const place = await testDatabase();
  const config = serverConfig({ dataFolder: place.folder, databaseUrl: place.url, logLevel: 'silent' }, {});
  const rows = async (what: (server: ServerContext, rows: CustomerRow[]) => Promise<void>) => {
    await using server = await openContext(config);
    await what(server, await server.registry<CustomerRow>('customers').orderBy('name'));
  };
  await rows(async (server) => {
    for (let n = 0; n < count; n++) await addLeftAt(server, `customer ${n}`, customerMigrations.slice(0, 1));
    await addLeftAt(server, 'damaged', [...customerMigrations.slice(0, 1), fromTheFuture]);
  });
  const program = fileURLToPath(new URL('../cli.ts', import.meta.url));
  const where = place.url === undefined ? [] : ['--database', place.url];
  const migrate = () =>
    spawn(process.execPath, [program, 'migrate', '--parallel', '1', '--data', place.folder, '--json', ...where]);
  await rows(async (server) => {
    const done = () => server.registry<CustomerRow>('customers').where({ schema_version: latest });
    for (let kill = 0; kill < kills; kill++) {
      const before = (await done()).length;
      const killed = migrate();
      const gone = once(killed, 'close');
      await until('one more is migrated', async () => killed.exitCode !== null || (await done()).length > before);
      const [served] = await done();
      if (served) assert.deepEqual(await server.customers.use(served.id, (db) => db('monitors')), []);
      await sleep(Math.random() * 50); // in the midst of the next one
      killed.kill('SIGKILL');
      await gone;
    }
  });
  const second = migrate();
  let printed = '';
  second.stdout.on('data', (data) => {
    printed += data;
  });
  const [code] = await once(second, 'close');
  assert.equal(code, 1);
  const { customers, failed } = JSON.parse(printed) as { customers: Migrated[]; failed: number };
  assert.equal(failed, 1);
  const names = Array.from({ length: count }, (_, n) => `customer ${n}`).toSorted((a, b) => a.localeCompare(b));
  assert.deepEqual(
    customers.map(({ name, version, error }) => [name, version, error === undefined]),
    [...names.map((name) => [name, latest, true]), ['damaged', 2, false]],
  );
  await rows(async (server, all) => {
    for (const row of all) await dropDatabase(server, row);
  });
  await place[Symbol.asyncDispose]();
});
