import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { simulateMany } from './many.ts';
import { Simulation } from './simulation.ts';
import { sabotages } from './stage.ts';

const seeds = process.env.VEDETTE_LONG === '1' ? 2000 : 150;
/** A planted fault is found within so many seeds. */
const soon = 40;

let here: Simulation;
before(async () => {
  here = await Simulation.open();
});
after(() => here[Symbol.dispose]());

const hashes = new Map<number, string>();

test('in every simulated world all that was promised is kept, and together they take every rare path', async (t) => {
  const onOutcome = ({ seed, hash }: { seed: number; hash: string }) => !hashes.set(seed, hash);
  const { broken, notReached, reached } = await simulateMany({ first: 1, seeds, threads: 2, onOutcome });
  assert.deepEqual(broken, []);
  assert.deepEqual(notReached, []);
  t.diagnostic(`${seeds} seeds, ${reached['run confirmed']} runs confirmed`);
});

test('a seed gives the same history in another thread at another time, and no two seeds the same', async () => {
  for (const seed of [2, 1, 3]) assert.equal((await here.run(seed)).hash, hashes.get(seed));
  assert.equal(new Set(hashes.values()).size, seeds);
});

for (const sabotage of sabotages) {
  test(`a fault planted in the product is found: ${sabotage}`, async () => {
    for (let seed = 1; seed <= soon; seed++) if ((await here.run(seed, sabotage)).broken) return;
    assert.fail(`not found in ${soon} worlds`);
  });
}
