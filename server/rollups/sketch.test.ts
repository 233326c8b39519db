import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { relativeAccuracy, Sketch } from './sketch.ts';

const times = fc.array(fc.oneof(fc.nat(100), fc.nat(60_000_000), fc.maxSafeNat()), { minLength: 1, maxLength: 400 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

function sketchOf(values: readonly number[]): Sketch {
  const sketch = new Sketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

function readBack(...encoded: Uint8Array[]): Sketch {
  const sketch = new Sketch();
  for (const bytes of encoded) sketch.addEncoded(bytes);
  return sketch;
}

function exact(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1] ?? Number.NaN;
}

test('quantiles are within one per cent of the exact ones', () => {
  fc.assert(
    fc.property(times, fc.array(share, { maxLength: 4 }), (values, asked) => {
      const shares = asked.toSorted((a, b) => a - b);
      const found = sketchOf(values).quantiles(shares);
      for (const [i, q] of shares.entries()) {
        const truth = exact(values, q);
        const near = Math.abs((found[i] ?? Number.NaN) - truth) <= truth * relativeAccuracy * (1 + 1e-9);
        assert.ok(near, `${found[i]} for ${truth}`);
      }
    }),
  );
});

test('hours added in any order and grouping are the sketch of all their values', () => {
  fc.assert(
    fc.property(fc.array(times, { maxLength: 6 }), (hours) => {
      const encoded = hours.toReversed().map((hour) => sketchOf(hour).encode());
      assert.deepEqual(readBack(...encoded).encode(), sketchOf(hours.flat()).encode());
    }),
  );
});

test('a sketch can be read again and added to, and none leaves a trace in another', () => {
  const sketch = sketchOf([100, 200, 300]);
  const first = sketch.encode();
  assert.deepEqual(sketch.encode(), first);
  assert.deepEqual(readBack(first).encode(), first);
  sketch.add(400);
  assert.deepEqual(sketch.encode(), sketchOf([100, 200, 300, 400]).encode());
});

test('an empty sketch is no bytes and has no quantile', () => {
  assert.equal(new Sketch().encode().length, 0);
  assert.deepEqual(new Sketch().quantiles([0.5]), [null]);
});

test('counts of any size survive encoding', () => {
  let sketch = sketchOf([Number.MAX_SAFE_INTEGER]);
  for (let i = 0; i < 40; i++) sketch = readBack(sketch.encode(), sketch.encode());
  assert.deepEqual([...sketch.encode()].slice(-6), [128, 128, 128, 128, 128, 32]); // 2^40
});

test('twelve usual values take no more room than performance.md allows', () => {
  const values = Array.from({ length: 12 }, (_, i) => 250_000 + i * 31_000);
  assert.ok(sketchOf(values).encode().length <= 26, `${sketchOf(values).encode().length} bytes`);
});

test('more pieces than are remembered at a time are still the sketch of all their values', () => {
  const values = Array.from({ length: 1203 }, (_, i) => i * i);
  const pieces = values.map((value) => sketchOf([value]).encode());
  assert.deepEqual(readBack(...pieces).encode(), sketchOf(values).encode());
});
