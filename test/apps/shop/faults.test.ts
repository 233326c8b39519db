import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FaultPlan } from './faults.ts';
import { Fault, faultKinds } from './switches.ts';

const buildPlan = (fault: unknown, startedAt = 0) => new FaultPlan([Fault.parse(fault)], startedAt);

test('each user meets every nth fault by their own count, whoever comes between', () => {
  const nth = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(nth, fc.array(fc.constantFrom('alice', 'bob'), { maxLength: 60 }), (everyNth, visits) => {
      const plan = buildPlan({ page: 'checkout', kind: [...faultKinds], everyNth });
      const met = visits.map((user) => ({ user, fault: plan.next('checkout', user, 0) }));
      for (const user of ['alice', 'bob']) {
        const own = met.filter((visit) => visit.user === user);
        own.forEach(({ fault }, i) => {
          const turn = (i + 1) / everyNth;
          assert.equal(fault, Number.isInteger(turn) ? faultKinds[(turn - 1) % 3] : undefined);
        });
      }
    }),
  );
});

test('the first fault by count may come earlier than the others', () => {
  const plan = buildPlan({ page: 'checkout', kind: ['http500', 'hang'], everyNth: 4, first: 2 });
  const met = Array.from({ length: 10 }, () => plan.next('checkout', 'alice', 0));
  assert.deepEqual(
    met.flatMap((kind, i) => (kind ? [[i + 1, kind]] : [])),
    [
      [2, 'http500'],
      [6, 'hang'],
      [10, 'http500'],
    ],
  );
});

test('a fault by the clock is there exactly for its part of each period', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e12 }), fc.nat({ max: 1e6 }), (startedAt, elapsed) => {
      const plan = buildPlan({ page: 'home', kind: 'hang', everyMs: 1000, forMs: 250 }, startedAt);
      assert.equal(plan.next('home', '', startedAt + elapsed), elapsed % 1000 < 250 ? 'hang' : undefined);
    }),
  );
});

test('a fault for one user leaves the others and the other pages alone', () => {
  const plan = buildPlan({ page: 'basket', kind: 'http500', everyNth: 1, user: 'alice' });
  assert.equal(plan.next('basket', 'alice', 0), 'http500');
  assert.equal(plan.next('basket', 'bob', 0), undefined);
  assert.equal(plan.next('search', 'alice', 0), undefined);
});

test('a fault that can not be is refused', () => {
  assert.throws(() => Fault.parse({ page: 'home', kind: 'hang', everyMs: 100, forMs: 200 }), /forMs/);
  assert.throws(() => Fault.parse({ page: 'home', kind: [], everyNth: 1 }));
  assert.throws(() => Fault.parse({ page: 'attic', kind: 'hang', everyNth: 1 }));
});
