import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../test/faults/until.ts';
import { commitQueue, type Limits, QueueFull } from './commit-queue.ts';

const roomy = {
  ...{ requests: 100, weight: 100, commits: () => 1, inCommit: { least: 0, most: 100 } },
  room: { weight: 1000, each: 1000, heavy: 1000, taken: 0, heavyTaken: 0 },
};

test('what arrives together, or while a commit is under way, goes into the next one together', async () => {
  const commits: number[][] = [];
  const started = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  const take = commitQueue<number, number>(async (requests) => {
    commits.push([...requests]);
    started.resolve();
    if (commits.length === 1) await first.promise;
    return requests.map((n) => n * 10);
  }, roomy);
  const answers = [1, 2].map((n) => take(() => n, 1));
  await started.promise;
  answers.push(...[3, 4, 5].map((n) => take(() => n, 1)));
  first.resolve();
  assert.deepEqual(await Promise.all(answers), [10, 20, 30, 40, 50]);
  assert.deepEqual(commits, [
    [1, 2],
    [3, 4, 5],
  ]);
});

/** A queue with two commits at a time, none of which ends before `open` is called. */
function heldUp(inCommit: Limits['inCommit']) {
  const commits: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const take = commitQueue<number, number>(
    async (requests) => {
      commits.push([...requests]);
      await gate.promise;
      return requests;
    },
    { ...roomy, commits: () => 2, inCommit },
  );
  return { commits, take: (n: number) => take(() => n, 1), open: gate.resolve };
}

test('as many commits are under way as may be, each with what nobody else has taken', async () => {
  const { commits, take, open } = heldUp({ least: 0, most: 2 });
  const answers = [1, 2, 3, 4, 5].map(take);
  await until('two are under way', () => commits.length === 2);
  assert.deepEqual(commits, [
    [1, 2],
    [3, 4],
  ]);
  open();
  assert.deepEqual(await Promise.all(answers), [1, 2, 3, 4, 5]);
  assert.deepEqual(commits.slice(2), [[5]]);
});

test('of what waits each of the commits that may be under way takes its part', async () => {
  const { commits, take, open } = heldUp({ least: 0, most: 100 });
  const answers = [1, 2, 3, 4, 5, 6].map(take);
  await until('two are under way', () => commits.length === 2);
  assert.deepEqual(commits, [
    [1, 2, 3],
    [4, 5, 6],
  ]);
  open();
  await Promise.all(answers);
});

test('what is little goes together, though another commit could be under way', async () => {
  const { commits, take, open } = heldUp({ least: 3, most: 100 });
  const answers = [1, 2, 3].map(take);
  open();
  await Promise.all(answers);
  assert.deepEqual(commits, [[1, 2, 3]]);
});

test('a commit takes no more than its limit, but one request however heavy', async () => {
  const commits: number[][] = [];
  const take = commitQueue<number, number>(
    async (requests) => {
      commits.push([...requests]);
      return requests;
    },
    { ...roomy, inCommit: { least: 0, most: 10 } },
  );
  const weights = [4, 6, 1, 30, 9];
  await Promise.all(weights.map((weight) => take(() => weight, weight)));
  assert.deepEqual(commits, [[4, 6], [1], [30], [9]]);
});

test('a request that spoils a shared commit fails alone', async () => {
  const gate = Promise.withResolvers<void>();
  const take = commitQueue<string, string>(async (requests) => {
    await gate.promise;
    if (requests.includes('bad')) throw new Error('poison');
    return requests;
  }, roomy);
  const outcomes = Promise.allSettled(['first', 'good', 'bad', 'also good'].map((r) => take(() => r, 1)));
  gate.resolve();
  assert.deepEqual(
    (await outcomes).map((o) => o.status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
});

test('beyond its limits it refuses, and takes again when there is room', async () => {
  const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const take = commitQueue<number, number>(
    async (requests) => {
      started.resolve();
      await gate.promise;
      return requests;
    },
    { ...roomy, requests: 2, weight: 10 },
  );
  const unread = () => assert.fail('what is refused is not read');
  const accepted = [take(() => 1, 50)];
  await started.promise;
  accepted.push(take(() => 2, 9));
  await assert.rejects(take(unread, 2), QueueFull);
  accepted.push(take(() => 4, 1));
  await assert.rejects(take(unread, 0), QueueFull);
  gate.resolve();
  assert.deepEqual(await Promise.all(accepted), [1, 2, 4]);
  assert.equal(await take(() => 6, 1), 6);
});

test('where the room of all is full each queue has its small part of it, also of what is being committed', async () => {
  const gate = Promise.withResolvers<void>();
  const room = { weight: 60, each: 10, heavy: 80, taken: 0, heavyTaken: 0 };
  const newQueue = () =>
    commitQueue<number, number>(
      async (requests) => {
        await gate.promise;
        if (requests.includes(13)) throw new Error('spoilt');
        return requests;
      },
      { ...roomy, room, inCommit: { least: 0, most: 1 } },
    );
  const [greedy, modest, large, other, last] = [newQueue(), newQueue(), newQueue(), newQueue(), newQueue()];
  const unread = () => assert.fail('what is refused is not read');
  const accepted = [greedy(() => 1, 30), greedy(() => 2, 30)];
  await assert.rejects(greedy(unread, 1), QueueFull);
  accepted.push(
    modest(() => 13, 4),
    modest(() => 4, 6),
  );
  await assert.rejects(modest(unread, 1), QueueFull);
  accepted.push(large(() => 5, 50)); // too heavy for its part: taken while it has nothing there
  await assert.rejects(large(unread, 1), QueueFull);
  await assert.rejects(other(unread, 31), QueueFull, 'of such there is little room beside');
  accepted.push(
    other(() => 8, 30),
    last(() => 9, 10),
  );
  gate.resolve();
  assert.equal((await Promise.allSettled(accepted)).filter(({ status }) => status === 'rejected').length, 1);
  assert.deepEqual([room.taken, room.heavyTaken], [0, 0]);
  assert.equal(await last(() => 10, 200), 10, 'a single one is taken however heavy');
  assert.deepEqual(await Promise.all([greedy(() => 6, 30), greedy(() => 7, 30)]), [6, 7]);
});

test('where the database is to blame no request is tried by itself, also where no connection came free', async () => {
  let commits = 0;
  const noneFree = Object.assign(new Error('no connection'), { name: 'KnexTimeoutError' });
  const take = commitQueue<number, number>(() => {
    commits++;
    return Promise.reject(noneFree);
  }, roomy);
  const told = await Promise.allSettled([take(() => 1, 1), take(() => 2, 1), take(() => 3, 1)]);
  assert.deepEqual([commits, told.map(({ status }) => status)], [1, ['rejected', 'rejected', 'rejected']]);
});
