import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  axisDuration,
  between,
  bytes,
  changed,
  count,
  duration,
  fullInstant,
  instant,
  offset,
  share,
  span,
  utc,
  writeNumbersAs,
} from './format.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);

test('a duration shows three digits that matter and the unit people would say', () => {
  const cases: [number | null, string][] = [
    [null, '–'],
    [0, '0 ms'],
    [400, '0.4 ms'],
    [7_400, '7.4 ms'],
    [412_345, '412 ms'],
    [999_600, '1.00 s'],
    [1_240_000, '1.24 s'],
    [12_449_000, '12.4 s'],
    [125_000_000, '2 min 5 s'],
    [12_000_000_000, '3 h 20 min'],
  ];
  for (const [us, text] of cases) assert.equal(duration(us), text);
});

test('a longer duration never shows as a shorter one', () => {
  const inSeconds = (text: string) => {
    const factors: Record<string, number> = { ms: 0.001, s: 1, min: 60, h: 3600, day: 86400, days: 86400 };
    return [...text.matchAll(/([\d.]+) (\w+)/g)].reduce(
      (sum, m) => sum + Number(m[1]) * (factors[m[2] ?? ''] ?? Number.NaN),
      0,
    );
  };
  fc.assert(
    fc.property(fc.nat(1e12), fc.nat(1e12), (a, b) => {
      const [short, long] = a < b ? [a, b] : [b, a];
      assert.ok(inSeconds(duration(short)) <= inSeconds(duration(long)));
    }),
  );
});

test('a share is cut, so that only a whole one shows as 100 %', () => {
  const cases: [number | null, string][] = [
    [null, '–'],
    [1, '100 %'],
    [0.999_99, '99.99 %'],
    [0.999_34, '99.93 %'],
    [0.29, '29 %'],
    [0.5, '50 %'],
    [0.000_01, '< 0.01 %'],
    [0, '0 %'],
  ];
  for (const [part, text] of cases) assert.equal(share(part), text);
  fc.assert(fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (x) => share(x) !== '100 %'));
});

test('an instant is shown in the zone of the viewer, with as much of its date as is needed', () => {
  assert.equal(instant(Date.UTC(2026, 10, 22, 9, 42, 31), 'Europe/Amsterdam', now), '10:42:31');
  assert.equal(instant(Date.UTC(2026, 10, 21, 23, 30), 'Europe/Amsterdam', now, 'minutes'), '00:30');
  assert.equal(instant(Date.UTC(2026, 10, 21, 9, 42), 'UTC', now, 'minutes'), '21 Nov, 09:42');
  assert.equal(instant(Date.UTC(2025, 0, 2, 9, 42), 'UTC', now, 'minutes'), '2 Jan 2025, 09:42');
  assert.equal(fullInstant(Date.UTC(2026, 10, 22, 9, 42, 31, 7), 'UTC'), 'Sunday 22 November 2026, 09:42:31.007');
  assert.equal(utc(Date.UTC(2026, 10, 22, 9, 42, 31)), '2026-11-22 09:42:31 UTC');
});

test('a period names its day once, and both when it spans two', () => {
  assert.equal(between(now - 3_600_000, now, 'UTC', now), '11:00 to 12:00');
  assert.equal(between(now - 86_400_000, now, 'UTC', now), '21 Nov, 12:00 to 22 Nov, 12:00');
  assert.equal(between(now - 90_000_000, now - 86_400_000, 'UTC', now), '21 Nov, 11:00 to 12:00');
});

test('stretches, counts, sizes, offsets and ticks carry their unit', () => {
  assert.deepEqual([0, 30_000, 300_000, 604_800_000, 90_061_000].map(span), [
    '0 s',
    '30 s',
    '5 min',
    '7 days',
    '1 day 1 h',
  ]);
  assert.equal(count(12_480), '12,480');
  assert.deepEqual([312, 84_321, 1_234_567, 6_420_000_000].map(bytes), ['312 B', '84 kB', '1.2 MB', '6.4 GB']);
  assert.deepEqual([null, 0, 12, -1_240].map(offset), ['–', '0 ms', '+12 ms', '−1.24 s']);
  assert.deepEqual(
    [0, 250_000].map((us) => axisDuration(us, 900_000)),
    ['0', '250 ms'],
  );
  assert.equal(axisDuration(500_000, 2_000_000), '0.5 s');
});

test('a change of a time is told by its direction, from twice on as a multiple', () => {
  const told = [null, 0.004, 0.124, -0.031, 1, 1.44].map(changed);
  assert.deepEqual(told, ['–', '=', '▲ 12 %', '▼ 3 %', '▲ 2 ×', '▲ 2.4 ×']);
});

test('numbers have the separators of the language they are written in, and western digits', () => {
  const written = () => [
    duration(1_240_000),
    duration(7_400),
    share(0.9993),
    share(0.00001),
    count(12_480),
    bytes(1_234_567),
  ];
  try {
    writeNumbersAs('nl');
    assert.deepEqual(written(), ['1,24 s', '7,4 ms', '99,93 %', '< 0,01 %', '12.480', '1,2 MB']);
    writeNumbersAs('ar-EG');
    assert.doesNotMatch(written().join(), /[٠-٩]/);
  } finally {
    writeNumbersAs('en-GB');
  }
  assert.deepEqual(written(), ['1.24 s', '7.4 ms', '99.93 %', '< 0.01 %', '12,480', '1.2 MB']);
});
