import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datesBefore, instantsOf, monthBefore, readDates } from './calendar-period.ts';

const told = (text: string) => {
  const dates = readDates(text);
  return dates && `${dates.first} ${dates.end}`;
};

test('months, quarters, years and days are read as days of a calendar', () => {
  assert.equal(told('2026-10'), '2026-10-01 2026-11-01');
  assert.equal(told('2026-Q4'), '2026-10-01 2027-01-01');
  assert.equal(told('2026'), '2026-01-01 2027-01-01');
  assert.equal(told('2026-02-27..2026-02-28'), '2026-02-27 2026-03-01');
});

test('what is no period of a calendar, backwards or too long is none', () => {
  const wrong = ['', '26', '2026-13', '2026-Q5', '2026-1', '2026-02-30..2026-03-01', '2026-03-02..2026-03-01'];
  for (const text of [...wrong, '2020-01-01..2026-01-01', '2026-10..2026-11', ' 2026', '1800', '2026-10-01']) {
    assert.equal(told(text), undefined, text);
  }
});

test('the period before is as many months, or as many days', () => {
  const before = (text: string) => {
    const { first, end } = datesBefore(readDates(text) ?? assert.fail());
    return `${first} ${end}`;
  };
  assert.equal(before('2026-03'), '2026-02-01 2026-03-01');
  assert.equal(before('2026-Q1'), '2025-10-01 2026-01-01');
  assert.equal(before('2026-10-05..2026-10-07'), '2026-10-02 2026-10-05');
});

test("days are those of the customer's zone, with their changes of clocks", () => {
  const { from, to } = instantsOf(readDates('2026-10') ?? assert.fail(), 'Europe/Amsterdam');
  assert.equal(new Date(from).toISOString(), '2026-09-30T22:00:00.000Z');
  assert.equal(new Date(to).toISOString(), '2026-10-31T23:00:00.000Z');
  assert.equal(monthBefore(Date.UTC(2026, 10, 30, 23, 30), 'Europe/Amsterdam'), '2026-11');
});
