import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  before,
  bounds,
  periodKey,
  periodOf,
  readPeriod,
  spanNames,
  stepFor,
  stepMs,
  stepWithin,
  usual,
  worthMinutes,
  writePeriod,
  zoomed,
} from './period.ts';

test('a period survives the address bar', () => {
  for (const span of spanNames) {
    const period = { kind: 'last', span } as const;
    assert.deepEqual(readPeriod(writePeriod(period, '')), period);
  }
  const minute = fc.integer({ min: 0, max: 60_000_000 });
  fc.assert(
    fc.property(minute, fc.integer({ min: 1, max: 1_000_000 }), (start, length) => {
      const period = { kind: 'between', from: start * 60_000, to: (start + length) * 60_000 } as const;
      assert.deepEqual(readPeriod(writePeriod(period, 'outcome=failed')), period);
    }),
  );
});

test('an address that makes no sense shows the last 24 hours', () => {
  for (const search of [
    '',
    'period=99y',
    'from=x&to=y',
    'from=2026-11-22T10:00Z',
    'from=2026-11-22&to=2026-11-21',
    'period=toString',
  ]) {
    assert.deepEqual(readPeriod(search), usual, search);
  }
});

test('a new period keeps the filter but leaves the page of runs', () => {
  assert.equal(
    writePeriod({ kind: 'last', span: '7d' }, 'outcome=failed&before=abc&from=1'),
    'outcome=failed&period=7d',
  );
  assert.equal(periodOf('outcome=failed&period=7d'), '?period=7d');
  assert.equal(periodOf('outcome=failed'), '');
});

test('a span has the same bounds for a whole minute, and they hold the present', () => {
  const at = Date.UTC(2026, 10, 22, 10, 42, 10);
  assert.deepEqual(bounds(usual, at), bounds(usual, at + 40_000));
  assert.ok(bounds(usual, at).to >= at);
  assert.notEqual(periodKey(usual), periodKey({ kind: 'last', span: '1h' }));
});

test('a chart never has more than some 1500 points for periods up to four years', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60_000, max: 4 * 365 * 86_400_000 }), (length) => {
      assert.ok(length / stepMs[stepFor({ from: 0, to: length })] <= 1500);
    }),
  );
});

test('a handful of hours is shown by the minute, unless it lies too far back', () => {
  const hour = 3_600_000;
  const month = { from: 0, to: 720 * hour };
  assert.deepEqual(worthMinutes(month, [719 * hour, 718 * hour, 719 * hour]), { from: 718 * hour, to: 720 * hour });
  assert.equal(worthMinutes(month, [100 * hour]), undefined);
  assert.equal(worthMinutes(month, []), undefined);
  const week = Array.from({ length: 7 }, (_, i) => (713 + i) * hour);
  assert.equal(worthMinutes(month, week), undefined);
});

test('a zoom keeps its centre where it is, goes no nearer than ten minutes and not beyond the present', () => {
  const minute = 60_000;
  const now = Date.UTC(2026, 2, 1, 12);
  const hour = { from: now - 60 * minute, to: now };
  assert.deepEqual(zoomed(hour, 0.5, now - 20 * minute, now), { from: now - 40 * minute, to: now - 10 * minute });
  assert.deepEqual(zoomed(hour, 2, now - 30 * minute, now), { from: now - 120 * minute, to: now });
  const near = zoomed({ from: now - 10 * minute, to: now }, 0.5, now - 5 * minute, now);
  assert.equal(near.to - near.from, 10 * minute);
});

test('all time has a beginning, and the period before is as long', () => {
  const { from, to } = bounds({ kind: 'last', span: 'all' }, 1_700_000_000_000);
  assert.ok(from > 0 && to > from);
  assert.deepEqual(before({ from: 50, to: 80 }), { from: 20, to: 50 });
  assert.deepEqual(readPeriod('period=18mo'), { kind: 'last', span: '18mo' });
  assert.equal(stepWithin({ from: 0, to: 49 * 3_600_000 }, 'minute'), 'hour');
  assert.equal(stepWithin({ from: 0, to: 1 }, 'minute'), 'minute');
});
