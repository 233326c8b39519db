import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourMs } from '../rollups/hours.ts';
import { isLong } from './asked.ts';
import { rowsLimitMs, toldPeriod } from './period.ts';

const noon = Date.UTC(2026, 2, 1, 12);

test('a short period is told as it was asked', () => {
  const asked = { from: noon + 1, to: noon + rowsLimitMs };
  assert.deepEqual(toldPeriod(asked, 'UTC', asked.from), asked);
});

test("a long period is widened to whole hours of the customer's zone", () => {
  const asked = { from: noon + 1, to: noon + rowsLimitMs + 1 };
  assert.deepEqual(toldPeriod(asked, 'UTC', 0), { from: noon, to: noon + rowsLimitMs + hourMs });
  const half = hourMs / 2;
  assert.deepEqual(toldPeriod(asked, 'Asia/Kolkata', 0), { from: noon - half, to: noon + rowsLimitMs + half });
});

test('two days are not much to read, but two hours are the most of which minutes are not', () => {
  const of = (ms: number) => ({ from: noon, to: noon + ms });
  assert.deepEqual(
    [rowsLimitMs, rowsLimitMs + 1].map((ms) => isLong(of(ms), 'hour')),
    [false, true],
  );
  assert.deepEqual(
    [2 * hourMs, 2 * hourMs + 1].map((ms) => isLong(of(ms), 'minute')),
    [false, true],
  );
});
