import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetRow } from '../../../db/customer/rows.ts';
import { Tally } from '../../rollups/tally.ts';
import { rowOf, targetsIn } from './row.ts';

const period = { from: 0, to: 1 };

function row(passed: number, failed: number, wish: Partial<TargetRow>) {
  const tally = new Tally();
  Object.assign(tally.figures, { passed, failed });
  const none = { monitor_id: 'm', transaction_id: 1, changed_by: '', changed_at: 0 };
  const target: TargetRow = { ...none, hours: 'all', availability_ppm: null, p95_us: null, ...wish };
  return rowOf(tally, { period, hours: 'all', transaction: 'Login', target });
}

test('a target is met by as many failures as it allows, and missed by one more', () => {
  const at = (passed: number, failed: number, availability_ppm: number) => {
    const { availabilityMet, failuresAllowed, budgetLeft } = row(passed, failed, { availability_ppm });
    return [availabilityMet, failuresAllowed, budgetLeft];
  };
  assert.deepEqual(at(995, 5, 995_000), [true, 5, 0]);
  assert.deepEqual(at(994, 6, 995_000), [false, 5, -0.2]);
  assert.deepEqual(at(1000, 0, 995_000), [true, 5, 1]);
  // 0.1 % of 4,700 are 4.7: binary fractions would make something else of it.
  assert.deepEqual(at(4696, 4, 999_000).slice(0, 2), [true, 4]);
  assert.deepEqual(at(10, 0, 1_000_000), [true, 0, null]);
  assert.deepEqual(at(9, 1, 1_000_000), [false, 0, null]);
});

test('what was not measured is neither met nor missed', () => {
  const none = row(0, 0, { availability_ppm: 990_000, p95_us: 1000 });
  assert.deepEqual([none.availability, none.availabilityMet, none.p95Met], [null, null, null]);
  assert.deepEqual(targetsIn([none]), { targets: 0, targetsMet: 0 });
  assert.deepEqual(targetsIn([row(9, 1, { availability_ppm: 990_000 }), row(10, 0, { availability_ppm: 990_000 })]), {
    targets: 2,
    targetsMet: 1,
  });
});
