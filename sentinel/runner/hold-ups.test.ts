import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdUps } from './hold-ups.ts';

test('of a stretch so much was lost as looks came late within it, small delays aside', () => {
  const found = holdUps(20, 0);
  for (const at of [20, 45, 300_065, 300_085, 1_300_105, 1_300_125]) found.look(at);
  assert.equal(found.longestUs, 1_000_000);
  assert.equal(found.within({ fromUs: 0, toUs: 2_000_000 }), 1_300_000);
  assert.equal(found.within({ fromUs: 100_065, toUs: 800_105 }), 200_000 + 500_000);
  assert.equal(found.within({ fromUs: 1_300_105, toUs: 2_000_000 }), 0);
  const hurried = holdUps(20, 0);
  for (let at = 20; at < 5_000_000; at += 60_000) hurried.look(at);
  assert.equal(hurried.within({ fromUs: 0, toUs: 5_000_000 }), 0);
});
