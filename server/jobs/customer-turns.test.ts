import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { CustomerId } from '../../db/customers.ts';
import { until } from '../../test/faults/until.ts';
import { customerTurns } from './customer-turns.ts';

const [acme, other, third] = ['acme', 'other', 'third'] as string[] as [CustomerId, CustomerId, CustomerId];
const log = pino({ level: 'silent' });

test('one that takes too long or fails holds up no other, and is passed over until it has ended', async (t) => {
  const ended: CustomerId[] = [];
  const warned = t.mock.method(log, 'warn');
  const take = customerTurns({ log }, { longestMs: 20, failed: 'so it was', afterLong: (id) => ended.push(id) });
  const answer = Promise.withResolvers<void>();
  let [begun, isOver] = [0, false];
  const hangs = async (over: AbortSignal) => {
    begun++;
    await answer.promise;
    isOver = over.aborted;
  };
  await take(acme, hangs);
  const done: CustomerId[] = [];
  for (const id of [other, acme, acme, third])
    await take(id, async () => {
      done.push(id);
      if (id === other) throw new Error('its database is damaged');
    });
  assert.deepEqual([begun, done, ended], [1, [other, third], []]);
  assert.equal(warned.mock.callCount(), 1);
  answer.resolve();
  await until('it has ended', () => ended.length > 0);
  await take(acme, hangs);
  assert.deepEqual([begun, isOver, ended], [2, false, [acme]]);
});

test('the more hang, the less each is waited for', async () => {
  const take = customerTurns({ log }, { longestMs: 200, failed: 'so it was' });
  const waits: number[] = [];
  for (let n = 0; n < 20; n++) {
    const began = performance.now();
    await take(`${n}` as string as CustomerId, () => new Promise(() => {}));
    waits.push(performance.now() - began);
  }
  assert.ok(waits.slice(10).reduce((a, b) => a + b) < 10 * (waits[0] ?? 0), `${waits}`);
});

test('one that is slow is waited for as long as it is said to be at work', async () => {
  const answer = Promise.withResolvers<void>();
  const asked: number[] = [];
  const slow = customerTurns(
    { log },
    {
      longestMs: 5,
      failed: 'so it was',
      async isAtWork(_, forMs) {
        if (asked.push(forMs) === 3) answer.resolve();
        return true;
      },
    },
  );
  let isOver: boolean | undefined;
  await slow(acme, async (over) => {
    await answer.promise;
    isOver = over.aborted;
  });
  assert.deepEqual([asked.length >= 3, isOver, asked], [true, false, asked.toSorted((a, b) => a - b)]);
  for (const isAtWork of [() => new Promise<boolean>(() => {}), () => Promise.reject(new Error('refused'))]) {
    const hangs = customerTurns({ log }, { longestMs: 5, failed: 'so it was', isAtWork });
    let over: AbortSignal | undefined;
    await hangs(acme, (signal) => {
      over = signal;
      return new Promise(() => {});
    });
    assert.equal(over?.aborted, true);
  }
});
