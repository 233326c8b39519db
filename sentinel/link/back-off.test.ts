import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BackOff } from './back-off.ts';
import { retryAfterMs } from './retry-after.ts';

const minute = 60_000;

test('the longest waits grow from 2 s to 5 min and begin anew after a success', () => {
  const backOff = new BackOff(() => 1);
  const waits = Array.from({ length: 12 }, () => backOff.next());
  assert.deepEqual(waits.slice(0, 4), [2000, 4000, 8000, 16_000]);
  assert.equal(waits.at(-1), 5 * minute);
  backOff.reset();
  assert.equal(backOff.next(), 2000);
});

test('whatever the dice say, a wait is between 1 s and 5 min, and never shorter than what was asked', () => {
  const dice = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(dice, fc.nat(15 * minute)), { maxLength: 100 }), (tries) => {
      let [random, asked] = [0, 0];
      const backOff = new BackOff(() => random);
      for ([random, asked] of tries) {
        const wait = backOff.next(asked);
        assert.ok(wait >= Math.max(1000, asked));
        assert.ok(wait <= Math.max(1000, asked) + 5 * minute);
      }
    }),
  );
});

test('many that were told the same time do not come back together', () => {
  const waits = new Set(Array.from({ length: 50 }, () => new BackOff().next(30_000)));
  assert.ok(waits.size > 40);
});

test('Retry-After is read as seconds or as a date, and is capped at 15 minutes', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(retryAfterMs('120', now), 2 * minute);
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', now), minute);
  assert.equal(retryAfterMs('Thu, 01 Jan 2025 00:01:00 GMT', now), 0);
  assert.equal(retryAfterMs('999999999', now), 15 * minute);
  assert.equal(retryAfterMs('Thu, 01 Jan 2099 00:00:00 GMT', now), 15 * minute);
  for (const nothing of [undefined, '', 'soon', '-5x']) assert.equal(retryAfterMs(nothing, now), undefined);
});
