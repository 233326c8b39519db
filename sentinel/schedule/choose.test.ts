import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildAssignment } from '../build-assignment.ts';
import type { RunRequest } from '../runner/runner.ts';
import { choose, roomFor } from './choose.ts';
import type { Prepared } from './prepare.ts';

const looks: Record<Prepared['kind'], Prepared> = {
  ready: { kind: 'ready', request: {} as RunRequest },
  waiting: { kind: 'waiting' },
  refused: { kind: 'refused', code: 'SECRET_MISSING', message: 'no secret' },
};
const kinds = ['ready', 'waiting', 'refused'] as const;
const monitors = fc.uniqueArray(
  fc.record({ id: fc.integer({ min: 0, max: 30 }), kind: fc.constantFrom(...kinds), isGoing: fc.boolean() }),
  { selector: ({ id }) => id, maxLength: 20 },
);

test('the longest overdue begin, no more than there is room for, none twice, and each other one says what it waits for', () => {
  fc.assert(
    fc.property(monitors, fc.integer({ min: 0, max: 8 }), (list, room) => {
      const overdue = list.map(({ id }) => ({ assignment: buildAssignment({ monitorId: `m${id}` }), dueAt: 1 }));
      const of = (monitorId: string) => list.find(({ id }) => `m${id}` === monitorId);
      const going = new Set(list.filter(({ isGoing }) => isGoing).map(({ id }) => `m${id}`));
      const { begin, wait } = choose(overdue, going, room, ({ assignment }) => {
        const kind = of(assignment.monitorId)?.kind ?? 'ready';
        return looks[kind];
      });

      const taken = begin.filter(({ prepared }) => prepared.kind === 'ready');
      assert.ok(taken.length <= room);
      assert.equal(begin.length + wait.length, overdue.length);
      const whole = [...begin, ...wait].map(({ due }) => due.assignment.monitorId);
      assert.equal(new Set(whole).size, overdue.length);
      const order = overdue.map(({ assignment }) => assignment.monitorId);
      for (const one of [begin, wait]) {
        const places = one.map(({ due }) => order.indexOf(due.assignment.monitorId));
        assert.deepEqual(
          places,
          [...places].sort((a, b) => a - b),
          'in the order they were overdue',
        );
      }
      const firstWithoutRoom = Math.min(...wait.filter((w) => w.why === 'room').map(({ due }) => overdue.indexOf(due)));
      for (const { due } of begin) {
        assert.ok(!going.has(due.assignment.monitorId));
        assert.ok(overdue.indexOf(due) < firstWithoutRoom, 'nobody overtakes one that lacked room');
      }
      for (const { due, why } of wait) {
        if (why === 'own run') assert.ok(going.has(due.assignment.monitorId));
        if (why === 'script') assert.equal(of(due.assignment.monitorId)?.kind, 'waiting');
        if (why === 'room') assert.equal(taken.length, room);
      }
    }),
  );
});

test('a run finds room while a runner is free and a processor idle, and the first one always', () => {
  assert.equal(roomFor(0, 1, 0), 1, 'a busy device is heard of all the same');
  assert.equal(roomFor(0, 8, 3.9), 3);
  assert.equal(roomFor(1, 8, 0.9), 0, 'no idle processor');
  assert.equal(roomFor(1, 8, 2), 2);
  assert.equal(roomFor(7, 8, 5), 1);
  assert.equal(roomFor(8, 8, 5), 0, 'no free runner');
});
