import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addEncoded, addValue, encode, quantile, relativeAccuracy, type Sketch } from './sketch.ts';

const times = fc.array(fc.oneof(fc.nat(100), fc.nat(60_000_000), fc.maxSafeNat()), { minLength: 1, maxLength: 400 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

function sketchOf(values: readonly number[]): Sketch {
  const sketch: Sketch = new Map();
  for (const value of values) addValue(sketch, value);
  return sketch;
}

function exact(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1] ?? Number.NaN;
}

test('a quantile is within one per cent of the exact one', () => {
  fc.assert(
    fc.property(times, share, (values, q) => {
      const found = quantile(sketchOf(values), q) ?? Number.NaN;
      const truth = exact(values, q);
      assert.ok(Math.abs(found - truth) <= truth * relativeAccuracy * (1 + 1e-9), `${found} for ${truth}`);
    }),
  );
});

test('hours added in any order and grouping are the sketch of all their values', () => {
  fc.assert(
    fc.property(fc.array(times, { maxLength: 6 }), (hours) => {
      const sum: Sketch = new Map();
      for (const hour of hours.toReversed()) addEncoded(sum, encode(sketchOf(hour)));
      assert.deepEqual(encode(sum), encode(sketchOf(hours.flat())));
    }),
  );
});

test('an empty sketch is no bytes and has no quantile', () => {
  assert.equal(encode(new Map()).length, 0);
  assert.equal(quantile(new Map(), 0.5), null);
});

test('counts of any size survive encoding', () => {
  const big: Sketch = new Map([[1700, 2 ** 40]]);
  const read: Sketch = new Map();
  addEncoded(read, encode(big));
  assert.deepEqual(read, big);
});

test('twelve usual values take no more room than performance.md allows', () => {
  const values = Array.from({ length: 12 }, (_, i) => 250_000 + i * 31_000);
  assert.ok(encode(sketchOf(values)).length <= 26, `${encode(sketchOf(values)).length} bytes`);
});
