import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildAssignment } from '../build-assignment.ts';
import { due, nextDueAt } from './due.ts';

const sentinelId = '99999999-2222-4333-8444-555555555555';
const minute = 60_000;
const now = 1_700_000_000_000;
const monitor = (name: string, everyMs = minute) => buildAssignment({ name, schedule: { everyMs } });

test('a monitor that never ran is due, and not again before its next time', () => {
  const shop = monitor('shop');
  const [first] = due([shop], new Map(), sentinelId, now);
  assert.ok(first && first.dueAt <= now && first.dueAt > now - minute);
  const ran = new Map([[shop.monitorId, first.dueAt]]);
  assert.deepEqual(due([shop], ran, sentinelId, now), []);
  const next = nextDueAt([shop], sentinelId, now);
  assert.equal(next, first.dueAt + minute);
  assert.deepEqual(due([shop], ran, sentinelId, next - 1), []);
  assert.equal(due([shop], ran, sentinelId, next)[0]?.dueAt, next);
});

test('after a long sleep there is one run, not all that were missed', () => {
  const shop = monitor('shop');
  const ran = new Map([[shop.monitorId, due([shop], new Map(), sentinelId, now)[0]?.dueAt ?? 0]]);
  const woken = due([shop], ran, sentinelId, now + 500 * minute);
  assert.equal(woken.length, 1);
  ran.set(shop.monitorId, woken[0]?.dueAt ?? 0);
  assert.deepEqual(due([shop], ran, sentinelId, now + 500 * minute), []);
});

test('the longest overdue comes first', () => {
  const [a, b] = [monitor('a'), monitor('b')];
  const ran = new Map([
    [a.monitorId, now - 5 * minute],
    [b.monitorId, now - 9 * minute],
  ]);
  assert.deepEqual(
    due([a, b], ran, sentinelId, now).map((d) => d.assignment.name),
    ['b', 'a'],
  );
});

test('one that never ran comes before all that did', () => {
  const [a, b] = [monitor('a'), monitor('b')];
  const ran = new Map([[a.monitorId, now - 50 * minute]]);
  assert.deepEqual(
    due([a, b], ran, sentinelId, now).map((d) => d.assignment.name),
    ['b', 'a'],
  );
});

test('a clock that was set back does not silence a monitor', () => {
  const shop = monitor('shop');
  const ran = new Map([[shop.monitorId, now]]);
  assert.equal(due([shop], ran, sentinelId, now - 365 * 86_400_000).length, 1);
});

test('without monitors nothing is ever due', () => {
  assert.deepEqual(due([], new Map(), sentinelId, now), []);
  assert.equal(nextDueAt([], sentinelId, now), Number.POSITIVE_INFINITY);
});

test('however time goes on, a slot is run at most once and every slot that was looked at is run', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 4 * minute }), { maxLength: 60 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 3 * minute }),
      steps,
      fc.integer({ min: 0, max: 2 ** 41 }),
      (everyMs, gaps, start) => {
        const shop = monitor('shop', everyMs);
        const ran = new Map<string, number>();
        const slots: number[] = [];
        let at = start;
        for (const gap of gaps) {
          at += gap;
          const [found] = due([shop], ran, sentinelId, at);
          if (!found) {
            assert.ok(at < (slots.at(-1) ?? 0) + everyMs, 'not due only while the last slot lasts');
            continue;
          }
          assert.ok(found.dueAt <= at && found.dueAt > at - everyMs, 'the slot is the latest one');
          slots.push(found.dueAt);
          ran.set(shop.monitorId, found.dueAt);
        }
        assert.deepEqual(
          slots,
          [...new Set(slots)].sort((x, y) => x - y),
        );
        for (const slot of slots) assert.equal((slot - (slots[0] ?? 0)) % everyMs, 0);
      },
    ),
  );
});
