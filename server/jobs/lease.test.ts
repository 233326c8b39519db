import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRegistry } from '../../db/registry/registry.ts';
import { testDatabase } from '../../db/test-database.ts';
import { until } from '../../test/faults/until.ts';
import { Lease } from './lease.ts';

const termMs = 400;

/** A registry, and leases on it that are given back at the end. */
async function buildRegistry() {
  const place = await testDatabase();
  const registry = await openRegistry(place.at);
  const [all, faults] = [new Set<Lease>(), [] as object[]];
  return {
    registry,
    faults,
    lease(of = registry) {
      const lease = new Lease(
        { registry: of, log: { error: (what: object) => void faults.push(what), info: () => {} } },
        termMs,
      );
      all.add(lease);
      return lease;
    },
    async [Symbol.asyncDispose]() {
      for (const lease of all) await lease.stop();
      await registry.destroy();
      await place[Symbol.asyncDispose]();
    },
  };
}

const holds = (lease: Lease) => until('it holds the lease', () => lease.fence !== undefined, { everyMs: 5 });

test('of many that ask at once one gets it and renews it, and at no time do two hold it', async () => {
  await using site = await buildRegistry();
  const four = Array.from({ length: 4 }, () => site.lease());
  const holders = () => four.filter((lease) => lease.fence !== undefined);
  let renewed = 0;
  for (let before: { fence: number; expires_at: number } | undefined; renewed < 3; ) {
    await until('it is asked for', () => {
      assert.ok(holders().length <= 1);
      return holders().length === 1;
    });
    const row = await site.registry('leases').first();
    if (before?.fence === row.fence && before?.expires_at !== row.expires_at) renewed++;
    before = row;
  }
});

test('one that is given back is got by the next, with a higher fence', async () => {
  await using site = await buildRegistry();
  const first = site.lease();
  await holds(first);
  const second = site.lease();
  await first.stop();
  await holds(second);
  assert.deepEqual([first.fence, second.fence], [undefined, 2]);
});

test('one that can not be given back, since the registry is gone, is told and keeps nobody from ending', async () => {
  const place = await testDatabase();
  const gone = await openRegistry(place.at);
  const faults: object[] = [];
  const lease = new Lease(
    { registry: gone, log: { error: (what: object) => void faults.push(what), info: () => {} } },
    termMs,
  );
  await holds(lease);
  await gone.schema.dropTable('leases');
  await lease.stop();
  assert.equal(lease.fence, undefined);
  assert.ok(faults.length > 0);
  await gone.destroy();
  await place[Symbol.asyncDispose]();
});

test("what a holder that died has left is taken over after its term, however wrong that one's clock was", async () => {
  await using site = await buildRegistry();
  for (const expires_at of [1, Date.UTC(2040, 0, 1)]) {
    await site.registry('leases').delete();
    await site.registry('leases').insert({ name: 'jobs', holder: 'dead', fence: 7, expires_at });
    const began = performance.now();
    const lease = site.lease();
    await holds(lease);
    assert.ok(performance.now() - began >= termMs);
    assert.equal(lease.fence, 8);
    await lease.stop();
  }
});

test('one that finds itself outrun although the registry knows of nobody else raises its fence', async () => {
  await using site = await buildRegistry();
  const lease = site.lease();
  await holds(lease);
  lease.outrunBy(57);
  await until('its fence is higher', () => lease.fence === 58);
});

test('while the registry can not be asked nobody holds it for longer than its term', async () => {
  await using site = await buildRegistry();
  const lease = site.lease();
  await holds(lease);
  await site.registry.schema.renameTable('leases', 'elsewhere');
  await until('it is lost', () => lease.fence === undefined);
  assert.ok(site.faults.length > 0);
  await site.registry.schema.renameTable('elsewhere', 'leases');
  await holds(lease);
});
