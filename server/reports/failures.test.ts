import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { runKey } from '../../db/customer/run-key.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { buildFailedRun, buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { hourMs } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { failureGroupAnswer } from './failure-group.ts';
import { FailureGroupAnswer, FailuresAnswer } from './failure-shapes.ts';
import { failures } from './failures.ts';
import { dayMs } from './period.ts';
import { cursor } from './query-parts.ts';
import { run } from './run.ts';
import { slowRuns } from './slow-runs.ts';

const minute = 60_000;
const now = Date.UTC(2026, 2, 8, 12, 30);
const lastDay = { from: now - dayMs, to: now };

async function buildShop() {
  const world = await buildCustomer();
  const { db } = world;
  const [utrecht, delft] = [await world.buildSentinel(), await world.buildSentinel()];
  const { id: monitorId } = await world.buildMonitor({ name: 'Shop' });
  const timedOut = (at: number, message: string, values: Partial<Run> = {}): Run => {
    const error = { code: 'TIMEOUT', message } as const;
    const { responseUs: _, ...pay } = buildResult({ name: 'Pay', outcome: 'failed', error });
    return buildRun({ monitorId, startedAt: now - at, outcome: 'failed', transactions: [pay], ...values });
  };
  return {
    ...world,
    ...{ utrecht, delft, monitorId, timedOut },
    async take(sentinel: typeof utrecht, ...runs: Run[]) {
      const answers = await ingest(db, sentinel, runs, now);
      assert.ok(answers.every(({ status }) => status === 'stored'));
      await rollUpDirty(db);
    },
    async ask(question: Partial<Parameters<typeof failures>[1]> = {}) {
      return FailuresAnswer.parse(await failures(db, { period: lastDay, limit: 50, ...question }));
    },
  };
}

test('runs that went wrong in the same way are one group, with where, when and how often', async () => {
  await using shop = await buildShop();
  const { utrecht, delft, timedOut, monitorId } = shop;
  const first = timedOut(3 * dayMs, 'no answer to order 1 within 5000 ms');
  const newest = timedOut(minute, 'no answer to order 77 within 4999 ms');
  await shop.take(utrecht, first, timedOut(5 * hourMs, 'no answer to order 2 within 5000 ms'), newest);
  await shop.take(
    delft,
    timedOut(2 * minute, 'no answer to order 3 within 5001 ms'),
    buildRun({ monitorId, startedAt: now }),
  );
  await shop.take(delft, buildFailedRun({ monitorId, startedAt: now - 3 * minute }));
  const { groups, total, codes, locations, monitors } = await shop.ask();
  assert.deepEqual(
    [total, codes, monitors.map((one) => one.name), locations.length],
    [2, ['ASSERTION', 'TIMEOUT'], ['Shop'], 2],
  );
  const [pay, login] = groups;
  assert.deepEqual([pay?.transaction, pay?.code, pay?.outcome, pay?.count], ['Pay', 'TIMEOUT', 'failed', 3]);
  assert.equal(pay?.message, 'no answer to order # within # ms');
  assert.deepEqual([pay?.firstAt, pay?.lastAt, pay?.lastRunId], [first.startedAt, newest.startedAt, newest.id]);
  assert.equal(pay?.locations.length, 2);
  assert.deepEqual([pay?.parts.length, pay?.parts.at(-1), pay?.parts.reduce((a, b) => a + b, 0)], [24, 2, 3]);
  assert.deepEqual([login?.transaction, login?.code, login?.count], ['Login', 'ASSERTION', 1]);
});

test('failures are chosen by monitor, location and code; what there is to choose from stays', async () => {
  await using shop = await buildShop();
  const { utrecht, delft, timedOut, monitorId } = shop;
  await shop.take(utrecht, timedOut(minute, 'slow'));
  await shop.take(delft, timedOut(2 * minute, 'slow'), buildFailedRun({ monitorId, startedAt: now - minute }));
  const told = async (question: Parameters<typeof shop.ask>[0]) => {
    const { groups, codes } = await shop.ask(question);
    assert.deepEqual(codes, ['ASSERTION', 'TIMEOUT']);
    return groups.map(({ code, count, locations }) => [code, count, locations.length]);
  };
  assert.deepEqual(await told({ code: 'TIMEOUT' }), [['TIMEOUT', 2, 2]]);
  assert.deepEqual(await told({ locationId: utrecht.locationId }), [['TIMEOUT', 1, 1]]);
  assert.deepEqual(await told({ monitorId: 'nobody' }), []);
  const { groups, total } = await shop.ask({ limit: 1 });
  assert.deepEqual([groups.length, total], [1, 2]);
});

test('of a failed run and its confirming one only one counts, however late it comes, and errored runs are ours', async () => {
  await using shop = await buildShop();
  const { utrecht, timedOut, monitorId } = shop;
  const first = timedOut(minute, 'slow');
  const retry = buildRun({ monitorId, startedAt: now - minute + 1, retryOf: first.id });
  const failed = { ...first, retriedBy: retry.id };
  await shop.take(utrecht, failed);
  assert.equal((await shop.ask()).groups[0]?.count, 1);
  await shop.take(utrecht, retry);
  assert.deepEqual((await shop.ask()).groups, []);
  const error = { code: 'SENTINEL_BROWSER', message: 'the browser died' } as const;
  await shop.take(utrecht, buildRun({ monitorId, startedAt: now, outcome: 'errored', error, transactions: [] }));
  const { groups } = await shop.ask();
  assert.deepEqual(
    groups.map((one) => [one.transaction, one.outcome, one.message]),
    [[null, 'errored', 'the browser died']],
  );
});

test('a group tells its runs, newest first and in pages, also within an hour, and each of them leads back to it', async () => {
  await using shop = await buildShop();
  const { db, utrecht, delft, timedOut } = shop;
  const all = Array.from({ length: 9 }, (_, i) => timedOut(i * 20 * minute + 1, `slow ${i}`));
  await shop.take(utrecht, ...all.filter((_, i) => i % 2 === 0));
  await shop.take(delft, ...all.filter((_, i) => i % 2 === 1));
  const id = (await shop.ask()).groups[0]?.id ?? 0;
  const found: string[] = [];
  const pages: number[] = [];
  for (let next: string | null | undefined; next !== null; ) {
    const before = next === undefined ? undefined : cursor.parse(next);
    const answer = FailureGroupAnswer.parse(await failureGroupAnswer(db, id, lastDay, { before, limit: 2 }));
    assert.equal(answer.group.count, 9);
    found.push(...answer.runs.map((one) => one.id));
    pages.push(answer.runs.length);
    next = answer.next;
  }
  assert.deepEqual(
    found,
    all.map((one) => one.id),
  );
  assert.deepEqual(pages, [2, 2, 2, 2, 1]);
  assert.equal((await run(db, found[0] ?? '', String))?.failureGroupId, id);
  assert.equal(await failureGroupAnswer(db, id + 1, lastDay, { limit: 2 }), undefined);
  const earlier = { from: now - 9 * dayMs, to: now - 8 * dayMs };
  const none = await failureGroupAnswer(db, id, earlier, { limit: 2 });
  assert.deepEqual([none?.group.count, none?.group.lastAt, none?.runs, none?.next], [0, null, [], null]);
});

test('of an hour that names more runs than a statement takes values a page is as long as any', async () => {
  await using shop = await buildShop();
  const { db, utrecht, timedOut } = shop;
  const there = [timedOut(minute, 'slow 1'), timedOut(2 * minute, 'slow 2'), timedOut(3 * minute, 'slow 3')];
  await shop.take(utrecht, ...there);
  const row = await db('failure_hours').first();
  const gone = Array.from({ length: 34 }, (_, i) => {
    const runs = Buffer.concat(Array.from({ length: 1000 }, (_, j) => Buffer.alloc(16, `${i} ${j} `)));
    return { ...row, sentinel_id: randomUUID(), count: 1000, runs };
  });
  await insertAll(db, 'failure_hours', gone);
  const answer = await failureGroupAnswer(db, row.group_id, lastDay, { limit: 2 });
  assert.deepEqual([answer?.runs.length, typeof answer?.next], [0, 'string'], 'of those that are nowhere kept');
  const keys = gone.flatMap(({ runs }) => Array.from({ length: 1000 }, (_, i) => runs.subarray(i * 16, i * 16 + 16)));
  const runs = [...keys.map((id) => ({ id })), ...there.map(({ id }) => ({ id: runKey(id) }))];
  assert.equal((await slowRuns(db, { thresholds: '{"":1}' }, runs)).size, 3);
});
