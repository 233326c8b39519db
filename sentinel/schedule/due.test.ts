import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildAssignment } from '../build-assignment.ts';
import type { Schedule } from '../protocol/messages.ts';
import { expectedRuns, shift } from '../protocol/schedule.ts';
import { lookAt, nextDue, scheduleText } from './due.ts';

const sentinelId = '99999999-2222-4333-8444-555555555555';
const minute = 60_000;
const now = 1_700_000_000_000;
const monitor = (schedule: Partial<Schedule> = {}) => buildAssignment({ schedule: { everyMs: minute, ...schedule } });
const settledAt = (dueAt: number, schedule: Schedule = { everyMs: minute }) => ({
  dueAt,
  schedule: scheduleText(schedule),
});

test('a monitor that never ran is due, and not again before its next time', () => {
  const shop = monitor();
  const { due } = lookAt(shop, undefined, sentinelId, now);
  assert.ok(due && due.dueAt <= now && due.dueAt > now - minute);
  const ran = settledAt(due.dueAt);
  assert.equal(lookAt(shop, ran, sentinelId, now).due, undefined);
  const next = nextDue([shop], sentinelId, now);
  assert.equal(next, due.dueAt + minute);
  assert.equal(lookAt(shop, ran, sentinelId, next - 1).due, undefined);
  assert.equal(lookAt(shop, ran, sentinelId, next).due?.dueAt, next);
});

test('after a long sleep there is one run, and the others passed', () => {
  const shop = monitor();
  const first = lookAt(shop, undefined, sentinelId, now).due?.dueAt ?? 0;
  const { due, passed } = lookAt(shop, settledAt(first), sentinelId, now + 500 * minute);
  assert.equal(due?.dueAt, first + 500 * minute);
  const [all, ...others] = passed;
  assert.ok(all && others.length === 0);
  assert.equal(expectedRuns(all.schedule, all.shiftMs, all.after + 1, all.before), 499);
});

test('with a cron expression or hours a new monitor waits for its first time', () => {
  for (const schedule of [{ cron: '0 6 * * *' }, { hours: 'mon-sun 06:00-07:00' }]) {
    const nightly = monitor(schedule);
    assert.deepEqual(lookAt(nightly, undefined, sentinelId, now), { due: undefined, passed: [], settledTo: now });
    const next = nextDue([nightly], sentinelId, now);
    const settled = settledAt(now, nightly.schedule);
    assert.equal(lookAt(nightly, settled, sentinelId, next).due?.dueAt, next);
  }
});

test('a clock that was set back does not silence a monitor', () => {
  const { due, passed } = lookAt(monitor(), settledAt(now), sentinelId, now - 365 * 86_400_000);
  assert.ok(due);
  assert.deepEqual(passed, []);
});

test('when the schedule changes, what passed is counted by the old one up to that instant, and by the new one from then', () => {
  const old = { everyMs: 10 * minute };
  const changed = monitor({ everyMs: minute });
  const since = now - 30 * minute;
  const { due, passed, settledTo } = lookAt(changed, settledAt(now - 60 * minute, old), sentinelId, now, since);
  const [before, after] = passed;
  assert.ok(before && after && due);
  assert.deepEqual([before.schedule.everyMs, before.after, before.before], [10 * minute, now - 60 * minute, since]);
  assert.deepEqual([after.schedule.everyMs, after.after, after.before], [minute, since - 1, due.dueAt]);
  assert.equal(settledTo, since - 1);
});

test('without monitors nothing is ever due', () => {
  assert.equal(nextDue([], sentinelId, now), Number.POSITIVE_INFINITY);
});

test('however time goes on, a time is run at most once, and what is not run has passed', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 4 * minute }), { maxLength: 60 });
  const every = fc.integer({ min: 1000, max: 3 * minute });
  fc.assert(
    fc.property(every, steps, fc.integer({ min: 0, max: 2 ** 41 }), (everyMs, gaps, start) => {
      const shop = monitor({ everyMs });
      const slots: number[] = [];
      let [at, passedCount] = [start, 0];
      for (const gap of gaps) {
        at += gap;
        const last = slots.at(-1);
        const settled = last === undefined ? undefined : settledAt(last, { everyMs });
        const { due, passed } = lookAt(shop, settled, sentinelId, at);
        for (const p of passed) passedCount += expectedRuns(p.schedule, p.shiftMs, p.after + 1, p.before);
        if (due) slots.push(due.dueAt);
      }
      const [first, last] = [slots[0], slots.at(-1)];
      if (first === undefined || last === undefined) return;
      assert.deepEqual(
        slots,
        [...new Set(slots)].sort((x, y) => x - y),
      );
      const shiftMs = shift({ everyMs }, shop.monitorId, sentinelId);
      assert.equal(slots.length + passedCount, expectedRuns({ everyMs }, shiftMs, first, last + 1));
    }),
  );
});
