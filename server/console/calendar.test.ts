import assert from 'node:assert/strict';
import { test } from 'node:test';
import { around, daysOf, isPeriod, moved, periodName, today } from './calendar.ts';
import { readWish, writeWish } from './report-address.ts';
import { readPercent, readSeconds } from './target-fields.ts';

test('a day lies in a month, a quarter and a year, and each has one before and after', () => {
  assert.equal(around('2026-11-22', 'month'), '2026-11');
  assert.equal(around('2026-11-22', 'quarter'), '2026-Q4');
  assert.equal(around('2026-11-22', 'year'), '2026');
  assert.deepEqual([moved('2026-01', -1), moved('2026-Q4', 1), moved('2026', -1)], ['2025-12', '2027-Q1', '2025']);
  assert.equal(moved('2026-10-05..2026-10-07', -1), '2026-10-02..2026-10-04');
  assert.deepEqual(daysOf('2026-02'), { first: '2026-02-01', last: '2026-02-28' });
});

test('periods have names', () => {
  assert.equal(periodName('2026-10'), 'October 2026');
  assert.equal(periodName('2026-Q4'), 'October to December 2026');
  assert.equal(periodName('2026'), '2026');
  assert.equal(periodName('2026-10-05..2026-10-20'), '5 to 20 October 2026');
  assert.equal(periodName('2026-10-05..2026-11-20'), '5 October 2026 to 20 November 2026');
  assert.equal(periodName('2026-10-05..2026-10-05'), '5 October 2026');
});

test('what is no period is told from what is one', () => {
  for (const text of ['2026', '2026-10', '2026-Q1', '2026-10-05..2026-10-05']) assert.ok(isPeriod(text), text);
  for (const text of ['', 'x', '2026-Q5', '2026-10-05', '2026-10-05..2026-10-04', '2026-99-99..2026-99-99']) {
    assert.ok(!isPeriod(text), text);
  }
});

test('today is a day of the zone', () => {
  assert.equal(today('Pacific/Auckland', Date.UTC(2026, 10, 22, 20)), '2026-11-23');
});

test('what report is shown is written into the address and read from it again', () => {
  const wish = { template: 'coverage', period: '2026-Q4', monitors: ['a', 'b'], hours: 'business' } as const;
  const whole = { ...wish, maintenance: 'excluded' } as const;
  assert.deepEqual(readWish(writeWish(whole)), whole);
  assert.equal(writeWish(readWish('?template=none&hours=x')), '');
});

test('targets are typed with a point or a comma, and with their unit; what is no number is none', () => {
  assert.deepEqual(['99.5', '99,95 %', '', '100', '0'].map(readPercent), [0.995, 0.9995, null, 1, 0]);
  assert.deepEqual(['101', '-1', 'x', '99.12345', '1e2'].map(readPercent), Array(5).fill(undefined));
  assert.deepEqual(['3', '0,8 s', ' '].map(readSeconds), [3_000_000, 800_000, null]);
  assert.deepEqual(['0', '90000', '-3', 'x'].map(readSeconds), Array(4).fill(undefined));
});
