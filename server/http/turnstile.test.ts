import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpProblem } from './problem.ts';
import { turnstile, turnstiles } from './turnstile.ts';

/** Work that ends when it is told to, and notes when it began. */
function buildWork() {
  const begun: number[] = [];
  const ends = [0, 1, 2, 3, 4].map(() => Promise.withResolvers<number>());
  const work = (i: number) => () => {
    begun.push(i);
    return ends[i]?.promise ?? Promise.reject(new Error('there is no such work'));
  };
  return {
    begun,
    work,
    end: (i: number) => ends[i]?.resolve(i),
    fail: (i: number) => ends[i]?.reject(new Error('cut')),
  };
}

test('few work at a time, the others in the order of asking, and those beyond are told that it is busy', async () => {
  const { begun, work, end, fail } = buildWork();
  const pass = turnstile({ atOnce: 2, waiting: 2 });
  const [first, second, third, fourth] = [0, 1, 2, 3].map((i) => pass(work(i)));
  await assert.rejects(pass(work(4)), (error) => error instanceof HttpProblem && error.status === 429);
  assert.deepEqual(begun, [0, 1]);
  fail(1);
  await assert.rejects(second ?? Promise.resolve(), /cut/);
  end(0);
  assert.equal(await first, 0);
  end(2);
  end(3);
  assert.deepEqual(await Promise.all([third, fourth]), [2, 3]);
  assert.deepEqual(begun, [0, 1, 2, 3]);
  end(4);
  assert.equal(await pass(work(4)), 4);
});

test('of many with a turnstile each, who has one inside waits outside where the room of all is full, and no other does', async () => {
  const { begun, work, end } = buildWork();
  const pass = turnstiles({ atOnce: 1, waiting: 5 }, 2);
  const [first, second] = [pass('acme', work(0)), pass('acme', work(1))];
  await assert.rejects(pass('acme', work(4)), (error) => error instanceof HttpProblem && error.status === 429);
  const other = pass('other', work(2));
  await assert.rejects(pass('other', work(4)), (error) => error instanceof HttpProblem && error.status === 429);
  assert.deepEqual(begun, [0, 2]);
  end(0);
  end(2);
  assert.deepEqual(await Promise.all([first, other]), [0, 2]);
  const third = pass('acme', work(3));
  end(1);
  end(3);
  assert.deepEqual(await Promise.all([second, third]), [1, 3]);
});
