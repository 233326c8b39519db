import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageClock } from './page-clock.ts';

test('times of a page whose clock is the run’s stay as they are, however long its words take', () => {
  const clock = pageClock();
  clock.heard(1000, 1400);
  clock.heard(2000, 2003);
  assert.equal(clock.onRuns(1500.25), 1500.25);
});

test('a clock on the wall that was set by an hour between browser and run changes no time but by the way of a word', () => {
  for (const set of [3_600_000, -3_600_000]) {
    const clock = pageClock();
    clock.heard(5000, 5000 + set + 40);
    clock.heard(6000, 6000 + set + 2);
    assert.equal(clock.onRuns(5000), 5000 + set + 2);
    assert.equal(clock.onRuns(7000) - clock.onRuns(6500), 500);
  }
});

test('what never happened stays so, and before the first word nothing is known of a clock', () => {
  const clock = pageClock();
  assert.equal(clock.onRuns(77), 77);
  clock.heard(0, 1_000_000);
  assert.equal(clock.onRuns(0), 0);
});
