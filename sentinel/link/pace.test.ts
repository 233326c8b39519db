import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxRunsPerBatch } from '../protocol/messages.ts';
import { Pace } from './pace.ts';

test('batches become as small as one run and as large again as they may be', () => {
  const pace = new Pace();
  assert.equal(pace.size, maxRunsPerBatch);
  for (let i = 0; i < 9; i++) pace.late(pace.size);
  assert.equal(pace.size, 1);
  for (let i = 0; i < 40; i++) pace.inTime(pace.size);
  assert.equal(pace.size, maxRunsPerBatch);
});

test('half of what was late is tried, and a batch that had fewer runs than it might says nothing of more', () => {
  const pace = new Pace();
  pace.late(30);
  assert.equal(pace.size, 15);
  pace.inTime(3);
  assert.equal(pace.size, 15);
});
