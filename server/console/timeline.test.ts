import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeline } from './timeline.ts';

const point = (at: number, passed: number, failed = 0) => ({ at, passed, failed, errored: 0, p95Us: passed * 10 });

test('points fall into cells of equal length; what lies outside the axis is left out', () => {
  const points = [point(-50, 9), point(0, 1), point(20, 2, 1), point(70, 3), point(100, 9)];
  const { starts, stepMs, strip } = timeline(points, { from: 0, to: 100 }, 50);
  assert.deepEqual([starts, stepMs], [[0, 50], 50]);
  assert.deepEqual(
    [strip.passed, strip.failed, strip.p95Us],
    [
      [3, 3],
      [1, 0],
      [20, 30],
    ],
  );
});

test('a step that began before the axis is in its first cell, and there are never too many cells', () => {
  const { starts, strip } = timeline([point(-10, 4)], { from: 0, to: 1_000_000 }, 60);
  assert.equal(starts.length, 160);
  assert.deepEqual([strip.passed[0], strip.passed.at(-1)], [4, 0]);
});
