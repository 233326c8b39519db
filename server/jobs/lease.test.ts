import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRegistry } from '../../db/registry/registry.ts';
import { testDatabase } from '../../db/test-database.ts';
import { dropLease, holdLease } from './lease.ts';

async function tempRegistry() {
  const place = await testDatabase();
  const registry = await openRegistry(place.at);
  return {
    hold: (holder: string, now: number) => holdLease(registry, 'work', holder, now, 1000),
    drop: (holder: string) => dropLease(registry, 'work', holder),
    async [Symbol.asyncDispose]() {
      await registry.destroy();
      await place[Symbol.asyncDispose]();
    },
  };
}

test('one holds the lease, and renews it, while the other waits', async () => {
  await using lease = await tempRegistry();
  assert.equal(await lease.hold('a', 0), 1);
  assert.equal(await lease.hold('b', 999), undefined);
  assert.equal(await lease.hold('a', 999), 1);
  assert.equal(await lease.hold('b', 1500), undefined);
});

test('who takes over a lease that ran out, or was given back, has a higher fence', async () => {
  await using lease = await tempRegistry();
  await lease.hold('a', 0);
  assert.equal(await lease.hold('b', 1000), 2);
  assert.equal(await lease.hold('a', 1001), undefined);
  await lease.drop('a'); // not its own any more: nothing happens
  assert.equal(await lease.hold('a', 1002), undefined);
  await lease.drop('b');
  assert.equal(await lease.hold('a', 1003), 3);
});

test("a lease that was taken when the clock was years ahead is in nobody's way once the clock is put right", async () => {
  await using lease = await tempRegistry();
  await lease.hold('a', Date.UTC(2040, 0, 1));
  assert.equal(await lease.hold('b', Date.UTC(2030, 0, 1)), 2);
});

test('of many that ask at once, one gets it', async () => {
  await using lease = await tempRegistry();
  const fences = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => lease.hold(holder, 0)));
  assert.deepEqual(
    fences.filter((fence) => fence !== undefined),
    [1],
  );
});
