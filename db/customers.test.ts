import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { customerMigrations } from './customer/migrations.ts';
import { type CustomerId, CustomerUnknown, openCustomers } from './customers.ts';
import { SchemaTooNew } from './migrate.ts';
import { openRegistry } from './registry/registry.ts';
import type { CustomerRow } from './registry/rows.ts';
import { type TestDatabase, testDatabase } from './test-database.ts';

async function buildCustomers(keepOpen = 50) {
  const place = await testDatabase();
  const registry = await openRegistry(place.at);
  const places = new Map<CustomerId, TestDatabase>();
  const addressOf = async ({ id }: CustomerRow) => places.get(id)?.at ?? '';
  const customers = openCustomers(place.folder, registry, addressOf, { files: keepOpen, onEachServer: keepOpen });
  return {
    ...{ customers, registry, places },
    async add(name: string, more: Partial<CustomerRow> = {}): Promise<CustomerId> {
      const id = randomUUID() as string as CustomerId;
      places.set(id, await testDatabase());
      await registry('customers').insert({ id, name, time_zone: 'UTC', engine: 'sqlite', created_at: 0, ...more });
      return id;
    },
    async [Symbol.asyncDispose]() {
      await customers.close();
      await registry.destroy();
      for (const each of [place, ...places.values()]) await each[Symbol.asyncDispose]();
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
  const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => world.add(name)));
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

test('a database that could not be opened is tried again, and every one that was opened is closed', async () => {
  await using world = await buildCustomers();
  const id = await world.add('Alice Ltd');
  const place = world.places.get(id) ?? assert.fail();
  const { at } = place;
  const standInTheWay = typeof at === 'string';
  if (standInTheWay) mkdirSync(at, { recursive: true });
  else world.places.set(id, { ...place, at: { ...at, password: 'wrong' } });
  let failures = 0;
  const ask = async (): Promise<string[]> => {
    try {
      return await world.customers.use(id, (db) => db('locations').pluck('name'));
    } catch {
      failures += 1;
      if (failures === 7 && standInTheWay) rmSync(at, { recursive: true });
      if (failures === 7 && !standInTheWay) world.places.set(id, place);
      return ask();
    }
  };
  await Promise.all([1, 2, 3, 4, 5].map(ask));
  await world.customers.close();
  assert.ok(!openFiles().includes(String(at)));
});

test('a database that is gone is not made anew, and is worked with again once it is back', async () => {
  await using world = await buildCustomers();
  const id = await world.add('Alice Ltd');
  await world.customers.use(id, addLocation('Utrecht'));
  await world.customers.forget(id); // as in a server that starts anew
  const place = world.places.get(id) ?? assert.fail();
  await using empty = await testDatabase();
  const [file, aside] = [String(place.at), `${place.at}.aside`];
  if (typeof place.at === 'string') renameSync(file, aside);
  else world.places.set(id, empty);
  const gone =
    /(is not there|holds no tables of Vedette), though it was used before; nothing was made in its place: mount/;
  for (const _ of [1, 2]) {
    await assert.rejects(world.customers.use(id, addLocation('Delft')), { name: 'DatabaseUnusable', message: gone });
  }
  if (typeof place.at === 'string') renameSync(aside, file);
  else world.places.set(id, place);
  assert.deepEqual(await world.customers.use(id, (db) => db('locations').pluck('name')), ['Utrecht']);
});

test('never more databases are open than may be: the rest wait, and the longest idle one makes room', async () => {
  await using world = await buildCustomers(3);
  const ids = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => world.add(name)));
  const inUse: CustomerId[] = [];
  const full = Promise.withResolvers<void>();
  let most = 0;
  const use = (id: CustomerId) =>
    world.customers.use(id, async (db) => {
      inUse.push(id);
      most = Math.max(most, new Set(inUse).size);
      if (most >= 3) full.resolve();
      await full.promise;
      await db('locations').count();
      inUse.splice(inUse.indexOf(id), 1);
    });
  await Promise.all([...ids, ...ids, ...ids.toReversed()].map(use));
  assert.equal(most, 3);
});

test('a database server that hangs holds up its own customers alone', async () => {
  await using world = await buildCustomers(2);
  const on = (database_server: string) => (name: string) => world.add(name, { engine: 'mysql', database_server });
  const stuck = await Promise.all(['a', 'b', 'c'].map(on('stuck')));
  const others = await Promise.all(['d', 'e', 'f'].map(on('well')));
  const over = Promise.withResolvers<void>();
  let answered = 0;
  const waiting = stuck.map((id) => world.customers.use(id, () => over.promise).then(() => answered++));
  for (const id of [...others, ...others]) await world.customers.use(id, addLocation(randomUUID()));
  assert.equal(answered, 0);
  over.resolve();
  await Promise.all(waiting);
});

test('a database that was open before is opened again without a look at its schema, unless a newer version was there', async () => {
  await using world = await buildCustomers(1);
  const [id, other] = [await world.add('Alice Ltd'), await world.add('Bob Inc')];
  const later = { position: customerMigrations.length + 1, name: '999-later' };
  await world.customers.use(id, (db) => db('schema_steps').insert(later));
  await world.customers.use(other, async () => {});
  await world.customers.use(id, async () => {});
  await world.customers.use(other, async () => {});
  await world.registry('customers').where({ id }).update({ schema_version: later.position }); // as that version does
  await assert.rejects(
    world.customers.use(id, async () => {}),
    SchemaTooNew,
  );
});

test('however requests of many customers are interleaved, each sees its own database alone', async () => {
  await using world = await buildCustomers(3);
  const ids = await Promise.all(Array.from({ length: 5 }, (_, n) => world.add(`customer ${n}`)));
  for (const id of ids) await world.customers.use(id, (db) => db('locations').insert({ id: randomUUID(), name: id }));
  let asked = 0;
  const one = async () => {
    const id = ids[Math.floor(Math.random() * ids.length)] ?? assert.fail();
    for (let n = Math.random() * 3; n > 0; n--) await new Promise(setImmediate);
    assert.deepEqual(await world.customers.use(id, (db) => db('locations').pluck('name')), [id]);
    asked += 1;
  };
  const rounds = process.env.VEDETTE_LONG ? 1000 : 1;
  for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: 100 }, one));
  assert.equal(asked, rounds * 100);
});

test('however often customers are opened in turn, no more handles stay open than their databases take', async (t) => {
  const [count, cap, atOnce, rounds] = process.env.VEDETTE_LONG ? [300, 50, 64, 50] : [5, 2, 4, 3];
  await using world = await buildCustomers(cap);
  const ids = await Promise.all(Array.from({ length: count }, (_, n) => world.add(`customer ${n}`)));
  const [before, took] = [openFiles().length, [] as number[]];
  for (let round = 0; round < rounds; round++) {
    const waiting = ids.values();
    const work = async () => {
      for (const id of waiting) {
        const begun = performance.now();
        await world.customers.use(id, (db) => db('locations').pluck('name'));
        took.push(performance.now() - begun);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    // The file, its log and what they share, or two connections; some of the registry.
    assert.ok(openFiles().length - before <= cap * 3 + 10, `${openFiles().length} handles in round ${round}`);
  }
  const [median = 0, p95 = 0] = [0.5, 0.95].map(
    (share) => took.toSorted((a, b) => a - b)[Math.floor(took.length * share)],
  );
  t.diagnostic(`${took.length} times opened and asked: median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
});

test('the registry says which version of the schema a customer has', async () => {
  await using world = await buildCustomers();
  const id = await world.add('Alice Ltd');
  await world.customers.use(id, addLocation('Utrecht'));
  assert.deepEqual(await world.registry('customers').pluck('schema_version'), [customerMigrations.length]);
});
