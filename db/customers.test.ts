import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CustomerId, CustomerUnknown, openCustomers } from './customers.ts';
import { openRegistry } from './registry/registry.ts';

async function buildCustomers(keepOpen?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-customers-'));
  const registry = await openRegistry(folder);
  const customers = openCustomers(folder, registry, keepOpen);
  return {
    customers,
    async add(name: string): Promise<CustomerId> {
      const id = randomUUID() as string as CustomerId;
      await registry('customers').insert({ id, name, time_zone: 'UTC', engine: 'sqlite', created_at: 0 });
      return id;
    },
    async [Symbol.asyncDispose]() {
      await customers.close();
      await registry.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What this process has open, on Linux. */
function openFiles(): string[] {
  const open = readdirSync('/proc/self/fd').map((name) => `/proc/self/fd/${name}`);
  return open.filter((link) => existsSync(link)).map((link) => readlinkSync(link));
}

const addLocation = (name: string) => (db: Parameters<Parameters<ReturnType<typeof openCustomers>['use']>[1]>[0]) =>
  db('locations').insert({ id: randomUUID(), name });

test("each customer's rows are in a database of its own", async () => {
  await using world = await buildCustomers();
  const [alices, bobs] = [await world.add('Alice Ltd'), await world.add('Bob Inc')];
  await world.customers.use(alices, addLocation('Utrecht'));
  assert.deepEqual(await world.customers.use(alices, (db) => db('locations').pluck('name')), ['Utrecht']);
  assert.deepEqual(await world.customers.use(bobs, (db) => db('locations').pluck('name')), []);
  assert.notEqual(world.customers.folder(alices), world.customers.folder(bobs));
});

test('a customer that the registry does not know has no database, and none is made', async () => {
  await using world = await buildCustomers();
  const nobody = '../../elsewhere' as string as CustomerId;
  await assert.rejects(world.customers.use(nobody, addLocation('Utrecht')), CustomerUnknown);
  await assert.rejects(world.customers.use(nobody, addLocation('Utrecht')), CustomerUnknown);
});

test('more customers than may be open at a time are served, also all at once', async () => {
  await using world = await buildCustomers(2);
  const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(world.add));
  await Promise.all([...ids, ...ids].map((id) => world.customers.use(id, addLocation(randomUUID()))));
  const counts = ids.map((id) => world.customers.use(id, (db) => db('locations').count({ n: '*' })));
  assert.deepEqual(
    await Promise.all(counts),
    ids.map(() => [{ n: 2 }]),
  );
});

test('closing waits for work in progress and refuses more', async () => {
  await using world = await buildCustomers();
  const id = await world.add('Alice Ltd');
  const mayGoOn = Promise.withResolvers<void>();
  const work = world.customers.use(id, async (db) => {
    await mayGoOn.promise;
    return db('locations').pluck('name');
  });
  const closing = world.customers.close();
  await assert.rejects(world.customers.use(id, addLocation('Utrecht')), /stopping/);
  mayGoOn.resolve();
  assert.deepEqual(await work, []);
  await closing;
});

test('a database that could not be opened is tried again, and every one that was opened is closed', {
  skip: !existsSync('/proc/self/fd'),
}, async () => {
  await using world = await buildCustomers();
  const id = await world.add('Alice Ltd');
  const file = join(world.customers.folder(id), 'live.sqlite');
  mkdirSync(file, { recursive: true }); // in the way
  let failures = 0;
  const ask = async (): Promise<string[]> => {
    try {
      return await world.customers.use(id, (db) => db('locations').pluck('name'));
    } catch {
      failures += 1;
      if (failures === 7) rmSync(file, { recursive: true });
      return ask();
    }
  };
  await Promise.all([1, 2, 3, 4, 5].map(ask));
  await world.customers.close();
  assert.ok(!openFiles().includes(file));
});
