import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budget } from './report-cells.ts';

test('a budget is a share of itself, and below nothing it says by how much', () => {
  assert.deepEqual([1, 0.7311, 0, -0.001, -0.344, -2.4].map(budget), [
    '100 %',
    '73.11 %',
    '0 %',
    '−1 %',
    '−34 %',
    '−240 %',
  ]);
});
