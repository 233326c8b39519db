import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { axisEnd, barAt, ticks } from './waterfall.ts';

test('a transaction lies where it happened', () => {
  assert.deepEqual(barAt(500, 250, 1000), { left: 50, width: 25 });
  assert.deepEqual(barAt(0, 0, 0), { left: 0, width: 100 });
});

test('no bar leaves its axis, and none is invisible', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), (start, length, top) => {
      const bar = barAt(start, length, top);
      assert.ok(bar.left >= 0 && bar.width >= 0.5 && bar.left + bar.width <= 100.0001);
    }),
  );
});

test('the axis holds a transaction that ends after its run', () => {
  assert.equal(axisEnd({ durationUs: 10, transactions: [{ startUs: 8, durationUs: 4 }] }), 12);
  assert.equal(axisEnd({ durationUs: 10, transactions: [] }), 10);
});

test('ticks are round, start at zero and are not too many', () => {
  assert.deepEqual(ticks(4_300_000, 5), [0, 1_000_000, 2_000_000, 3_000_000, 4_000_000]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 10 }), (top, most) => {
      const all = ticks(top, most);
      assert.ok(all.length <= most + 1 && all[0] === 0 && all.every((tick) => tick <= top));
    }),
  );
});
