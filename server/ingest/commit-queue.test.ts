import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitQueue, QueueFull } from './commit-queue.ts';

const roomy = { requests: 100, weight: 100 };

test('what arrives while a commit is under way goes into the next one together', async () => {
  const commits: number[][] = [];
  const first = Promise.withResolvers<void>();
  const take = commitQueue<number, number>(async (requests) => {
    commits.push([...requests]);
    if (commits.length === 1) await first.promise;
    return requests.map((n) => n * 10);
  }, roomy);
  const answers = [1, 2, 3].map((n) => take(n, 1));
  first.resolve();
  assert.deepEqual(await Promise.all(answers), [10, 20, 30]);
  assert.deepEqual(commits, [[1], [2, 3]]);
});

test('a request that spoils a shared commit fails alone', async () => {
  const gate = Promise.withResolvers<void>();
  const take = commitQueue<string, string>(async (requests) => {
    await gate.promise;
    if (requests.includes('bad')) throw new Error('poison');
    return requests;
  }, roomy);
  const outcomes = Promise.allSettled(['first', 'good', 'bad', 'also good'].map((r) => take(r, 1)));
  gate.resolve();
  assert.deepEqual(
    (await outcomes).map((o) => o.status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
});

test('beyond its limits it refuses, and takes again when there is room', async () => {
  const gate = Promise.withResolvers<void>();
  const take = commitQueue<number, number>(
    async (requests) => {
      await gate.promise;
      return requests;
    },
    { requests: 2, weight: 10 },
  );
  const accepted = [take(1, 50), take(2, 9)];
  await assert.rejects(take(3, 2), QueueFull);
  accepted.push(take(4, 1));
  await assert.rejects(take(5, 0), QueueFull);
  gate.resolve();
  assert.deepEqual(await Promise.all(accepted), [1, 2, 4]);
  assert.equal(await take(6, 1), 6);
});
