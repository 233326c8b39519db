import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildCa } from '../certs/build-certificates.ts';
import { spkiPin } from '../certs/pin.ts';
import { customerId } from './build-assignment.ts';
import { buildHome } from './build-home.ts';
import { buildServer } from './build-server.ts';
import { readConfig, writeConfig } from './config.ts';
import { EnrolmentFailed } from './enrol.ts';
import { Connection } from './link/connection.ts';
import { Problems } from './problems.ts';
import { repin } from './repin.ts';
import { TrustKeeper } from './trust-keeper.ts';
import { Vault } from './vault.ts';

async function buildWorld() {
  const home = buildHome();
  const server = await buildServer(() => ({}));
  const customer = { id: customerId, name: 'Acme' };
  const sentinelId = '99999999-2222-4333-8444-555555555555';
  const belonging = { sentinelId, customer, location: 'Utrecht', name: 'Desk 7', enrolledAt: 1 };
  writeConfig(home.folder, { server: server.url, ca: server.trust.ca, pins: [server.pin], ...belonging });
  new Vault(home.folder).setApiKey('key-1');
  return {
    ...{ home: home.folder, server },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

test('a sentinel that slept through a change of keys is served again, as it runs, with all else as it was', async () => {
  await using world = await buildWorld();
  const before = readConfig(world.home);
  const store = new TrustKeeper(world.home, new Problems(), () => {});
  await using connection = new Connection(world.server.url, store.read(), { store });
  const ask = { method: 'GET', path: '/', headers: { connection: 'close' }, deadlineMs: 30_000 } as const;
  const status = async () => (await connection.exchange(ask, new AbortController().signal)).status;
  const next = await buildCa();
  await world.server.goOverTo(next);
  await assert.rejects(status());

  await repin(world.home, `sha256//${spkiPin(next.raw)}`);

  const { ca, pins, ...rest } = readConfig(world.home);
  assert.deepEqual({ ...rest, ca: before.ca, pins: before.pins }, before);
  assert.deepEqual([ca.trim(), pins], [next.certPem.trim(), [spkiPin(next.raw)]]);
  assert.equal(new Vault(world.home).apiKey(), 'key-1');
  assert.equal(await status(), 200);
});

test('a pin that the server does not prove changes nothing, and nothing is sent', async () => {
  await using world = await buildWorld();
  const file = path.join(world.home, 'config.json');
  const before = fs.readFileSync(file, 'utf8');
  await assert.rejects(repin(world.home, `${'A'.repeat(43)}=`), EnrolmentFailed);
  await assert.rejects(repin(world.home, 'short'), /is not a pin/);
  assert.equal(fs.readFileSync(file, 'utf8'), before);
  assert.equal(world.server.requests.length, 0);
});
