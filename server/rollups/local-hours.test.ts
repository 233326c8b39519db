import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dayOf, dayStart } from '../../sentinel/protocol/local-day.ts';
import { hourMs } from './hours.ts';
import { hourFrom, localHour, localHours } from './local-hours.ts';

const zones = ['UTC', 'Europe/Amsterdam', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns'];
const iso = (at: number) => new Date(at).toISOString().slice(0, 16);
const dayIn = (zone: string, date: string) => {
  const day = Date.parse(date) / (24 * hourMs);
  return localHours({ from: dayStart(day, zone), to: dayStart(day + 1, zone) }, zone);
};

test('hours begin at the minute at which those of the zone do', () => {
  const at = Date.UTC(2026, 2, 1, 12, 10);
  const begins = (zone: string) => iso(localHour(at, zone).from).slice(11);
  assert.deepEqual(['UTC', 'Asia/Kolkata', 'Asia/Kathmandu'].map(begins), ['12:00', '11:30', '11:15']);
});

test('days on which clocks are changed have 23 and 25 hours, and where that is by half an hour, two of half an hour', () => {
  assert.equal(dayIn('Europe/Amsterdam', '2026-03-29').length, 23);
  assert.equal(dayIn('Europe/Amsterdam', '2026-10-25').length, 25);
  const lengths = dayIn('Australia/Lord_Howe', '2026-04-05').map(({ from, to }) => (to - from) / hourMs);
  assert.deepEqual([lengths.length, lengths.filter((hours) => hours === 0.5).length], [25, 1]);
  assert.equal(
    lengths.reduce((a, b) => a + b),
    24.5,
  );
});

test('hours follow on each other without gap, none is longer than an hour, and each lies within one day', () => {
  const instant = fc.oneof(
    fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) }),
    fc.integer({ min: Date.UTC(2026, 3, 4), max: Date.UTC(2026, 3, 6) }),
  );
  fc.assert(
    fc.property(instant, fc.constantFrom(...zones), (at, zone) => {
      const hour = localHour(at, zone);
      assert.ok(hour.from <= at && at < hour.to && hour.to - hour.from <= hourMs);
      assert.deepEqual(localHour(hour.from, zone), hour);
      assert.deepEqual(localHour(hour.to - 1, zone), hour);
      assert.equal(localHour(hour.to, zone).from, hour.to);
      assert.equal(dayOf(hour.from, zone), dayOf(hour.to - 1, zone));
      assert.equal(hourFrom(at, zone), at === hour.from ? at : hour.to);
    }),
  );
});

test('the first and the last instant there are lie in an hour', () => {
  for (const zone of zones) {
    for (const at of [-8.64e15, 8.64e15]) {
      const { from, to } = localHour(at, zone);
      assert.ok(from <= at && at < to, `${zone} ${from} ${to}`);
    }
  }
});
