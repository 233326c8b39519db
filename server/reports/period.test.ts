import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hourMs } from '../rollups/hours.ts';
import { partsOf, rowsLimitMs } from './period.ts';

const noon = Date.UTC(2026, 2, 1, 12);

test('whole hours come from rollups, the ends of a short period from rows', () => {
  assert.deepEqual(partsOf({ from: noon - hourMs - 5, to: noon + 7 }), {
    period: { from: noon - hourMs - 5, to: noon + 7 },
    hours: { from: noon - hourMs, to: noon },
    edges: [
      { from: noon - hourMs - 5, to: noon - hourMs },
      { from: noon, to: noon + 7 },
    ],
  });
});

test('a period within an hour reads rows alone', () => {
  const { hours, edges } = partsOf({ from: noon + 1, to: noon + 2 });
  assert.deepEqual([hours.to - hours.from, edges], [0, [{ from: noon + 1, to: noon + 2 }]]);
});

test('a long period is widened to whole hours and reads no rows', () => {
  const { period, hours, edges } = partsOf({ from: noon + 1, to: noon + rowsLimitMs + 1 });
  assert.deepEqual(period, { from: noon, to: noon + rowsLimitMs + hourMs });
  assert.deepEqual([hours, edges], [period, []]);
});

test('the parts cover the period, once', () => {
  const instant = fc.integer({ min: -3 * rowsLimitMs, max: 3 * rowsLimitMs });
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 2 * rowsLimitMs }), (from, length) => {
      const { period, hours, edges } = partsOf({ from, to: from + length });
      const parts = [hours, ...edges].filter((p) => p.to > p.from).sort((a, b) => a.from - b.from);
      assert.ok(period.from <= from && period.to >= from + length);
      assert.equal(parts[0]?.from, period.from);
      assert.equal(parts.at(-1)?.to, period.to);
      for (const [i, part] of parts.entries()) if (i > 0) assert.equal(part.from, parts[i - 1]?.to);
    }),
  );
});
