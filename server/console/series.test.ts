import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aligned, axisStart, colourNumbers, lonely, stacked } from './series.ts';

const minute = 60_000;
const point = (at: number, us: number | null = 1000) => ({ at: at * minute, p50Us: us, p95Us: us });

test('points of several transactions share one axis, and a missing neighbour is no gap', () => {
  const { at, lines } = aligned(
    [
      { name: 'Login', points: [point(0), point(1), point(2)] },
      { name: 'Search', points: [point(0), point(2)] },
    ],
    minute,
  );
  assert.deepEqual(at, [0, minute, 2 * minute]);
  assert.deepEqual(lines[1]?.p50Us, [1000, undefined, 1000]);
});

test('missing runs leave a gap, and so does a minute in which every run failed', () => {
  const { at, lines } = aligned([{ name: 'Login', points: [point(0), point(5), point(6, null), point(7)] }], minute);
  assert.deepEqual(at, [0, 1, 5 * minute, 6 * minute, 7 * minute]);
  assert.deepEqual(lines[0]?.p50Us, [1000, null, 1000, null, 1000]);
});

test('a monitor that runs every ten minutes has no gaps between its runs', () => {
  const { lines } = aligned([{ name: 'Login', points: [point(0), point(10), point(20)] }], 10 * minute);
  assert.deepEqual(lines[0]?.p50Us, [1000, 1000, 1000]);
});

test('a point between gaps is told from one with a neighbour', () => {
  assert.deepEqual(lonely([1, null, 2, undefined, 3, null, 4]), [0, 6]);
  assert.deepEqual(lonely([undefined, 5, undefined]), [1]);
  assert.deepEqual(lonely([null, undefined]), []);
});

test('the axis of a young monitor begins near its first run, that of a silent one at the period', () => {
  const period = { from: 0, to: 1000 * minute };
  assert.equal(axisStart(period, 900 * minute, 1), 895 * minute);
  assert.equal(axisStart(period, 900 * minute, 0.4), 0);
  assert.equal(axisStart(period, 400 * minute, 1), 0);
  assert.equal(axisStart(period, undefined, null), 0);
});

test('a transaction keeps its colour, and the ninth begins anew', () => {
  const numbers = colourNumbers(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']);
  assert.deepEqual([numbers.get('a'), numbers.get('h'), numbers.get('i')], [0, 7, 0]);
});

test('the period before lies upon the same axis, with its own gaps, and only where a transaction had it', () => {
  const { at, lines } = aligned(
    [
      { name: 'Login', points: [point(0), point(1)] },
      { name: 'New', points: [point(0)] },
    ],
    minute,
    [{ name: 'Login', points: [point(0, 2000), point(4, 3000)] }],
  );
  assert.deepEqual(at, [0, 1, minute, 4 * minute]);
  assert.deepEqual(lines[0]?.beforeUs, [2000, null, undefined, 3000]);
  assert.deepEqual(lines[1]?.beforeUs, [undefined, undefined, undefined, undefined]);
});

test('stacked, each median stands upon those before it; what is not there adds nothing and stays a gap', () => {
  const line = (name: string, p50Us: (number | null | undefined)[]) => ({
    name,
    p50Us,
    p95Us: [9, 9, 9],
    beforeUs: [1, 1, 1],
  });
  const { lines } = stacked({ at: [1, 2, 3], lines: [line('Open', [10, null, 30]), line('Login', [5, 6, undefined])] });
  assert.deepEqual(
    lines.map(({ p50Us }) => p50Us),
    [
      [10, null, 30],
      [15, 6, undefined],
    ],
  );
  assert.ok(lines.every(({ p95Us, beforeUs }) => [...p95Us, ...beforeUs].every((value) => value === undefined)));
});
