import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CustomerId } from '../../db/customers.ts';
import { addCustomer } from '../accounts/customers.ts';
import { serverConfig } from '../config.ts';
import { openContext, type ServerContext } from '../http/context.ts';
import { eraseCustomer } from './erase.ts';
import { exportCustomer } from './export.ts';
import { importCustomer } from './import.ts';
import { leftovers } from './leftovers.ts';

/** A server whose databases lie in the folder `databases`, apart from its data; both below a folder that goes. */
async function buildApart() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-apart-'));
  const databases = join(folder, 'databases');
  const open = (data: string, databaseUrl: string) =>
    openContext(serverConfig({ dataFolder: join(folder, data), databaseUrl, logLevel: 'silent' }, {}));
  const server = await open('data', databases);
  return {
    ...{ folder, databases, server, open },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function addWithLocation(server: ServerContext, name: string): Promise<CustomerId> {
  const { id } = await addCustomer(server, name);
  await server.customers.use(id, (db) => db('locations').insert({ id: randomUUID(), name: 'Utrecht' }));
  return id;
}

const locationsOf = (server: ServerContext, id: CustomerId) =>
  server.customers.use(id, (db) => db('locations').pluck('name'));
const placesOf = (folder: string, id: CustomerId) =>
  readdirSync(folder, { recursive: true }).filter((path) => String(path).includes(id));

test('a database in a folder of its own goes with its customer, comes back, and is left behind by no import', async () => {
  await using built = await buildApart();
  const { folder, databases, server } = built;
  const bolt = await addWithLocation(server, 'Bolt');
  const acme = await addWithLocation(server, 'Acme');
  const file = join(folder, 'acme');
  await exportCustomer(server, acme, file);
  assert.equal((await eraseCustomer(server, 'Acme')).left, null);
  assert.deepEqual(placesOf(folder, acme), []);

  const cut = importCustomer(server, file, {
    progress: () => {
      throw new Error('cut');
    },
  });
  await assert.rejects(cut, /cut/);
  assert.ok(existsSync(join(databases, 'customers', acme, 'live.sqlite')));
  const [left] = await leftovers(server, undefined, -60_000);
  await left?.remove();
  assert.deepEqual(placesOf(folder, acme), []);

  for (const table of [1, 4]) {
    let begun = 0;
    const progress = () => {
      begun += 1;
      if (begun === table) throw new Error('cut');
    };
    await assert.rejects(importCustomer(server, file, { progress }), /cut/);
  }
  await importCustomer(server, file);
  assert.deepEqual(await locationsOf(server, acme), ['Utrecht']);
  assert.deepEqual(await locationsOf(server, bolt), ['Utrecht']);
});

test('the database that an earlier version left of an erased customer is listed, and is none once it is back', async () => {
  await using built = await buildApart();
  const { folder, databases, server } = built;
  const [acme, bolt] = [await addWithLocation(server, 'Acme'), await addWithLocation(server, 'Bolt')];
  const file = join(folder, 'acme');
  await exportCustomer(server, acme, file);
  await eraseCustomer(server, 'Acme');
  const found = async () => (await leftovers(server, undefined, -60_000)).map(({ path }) => path);
  assert.deepEqual(await found(), []);
  const left = join(databases, 'customers', acme);
  mkdirSync(left);
  for (const name of ['live.sqlite', 'live.sqlite-wal']) writeFileSync(join(left, name), '');
  assert.deepEqual(await found(), [left]);
  for (const one of await leftovers(server, undefined, -60_000)) await one.remove();
  assert.deepEqual(placesOf(folder, acme), []);
  await importCustomer(server, file);
  assert.deepEqual(await found(), []);
  assert.deepEqual(await locationsOf(server, bolt), ['Utrecht']);
});

test("an import leaves alone what another registry's server keeps in the same folders under the customer's id", async () => {
  await using built = await buildApart();
  const { folder, databases, server, open } = built;
  const acme = await addWithLocation(server, 'Acme');
  const file = join(folder, 'acme');
  await exportCustomer(server, acme, file);
  const before = placesOf(folder, acme).sort();

  rmSync(join(folder, 'data', 'registry-place')); // so that another registry is made
  await using sameData = await open('data', join(folder, 'other databases'));
  await assert.rejects(importCustomer(sameData, file), /there is a folder .*data.* already, .*; nothing was changed/);
  const copies = join(folder, 'copies');
  await using besideCopies = await open('more data', copies);
  cpSync(join(databases, 'customers'), join(copies, 'customers'), { recursive: true });
  await assert.rejects(importCustomer(besideCopies, file), /there is a folder .*copies.* already/);
  assert.ok(existsSync(join(copies, 'customers', acme, 'live.sqlite')));
  rmSync(copies, { recursive: true });
  assert.deepEqual(placesOf(folder, acme).sort(), before);
});
