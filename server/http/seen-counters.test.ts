import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeenCounters } from './seen-counters.ts';

test('each counter of a boot is new once, in whatever order a handful comes', () => {
  const seen = new SeenCounters();
  for (const counter of [1, 3, 2, 6, 4, 5, 40, 38]) assert.equal(seen.isNew('s', 'boot', counter), true, `${counter}`);
  for (const counter of [3, 40, 38, 5]) assert.equal(seen.isNew('s', 'boot', counter), false, `${counter} again`);
});

test('another boot and another sentinel count for themselves', () => {
  const seen = new SeenCounters();
  assert.equal(seen.isNew('s', 'one', 7), true);
  assert.equal(seen.isNew('s', 'two', 7), true);
  assert.equal(seen.isNew('t', 'two', 7), true);
  assert.equal(seen.isNew('t', 'two', 7), false);
});
