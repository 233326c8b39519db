import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { RunRow, TransactionResultRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { fileOf } from '../../db/engines/sqlite.ts';
import { buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { hourMs } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { gather } from './gather.ts';
import { subjectOf } from './subject.ts';

const minute = 60_000;
const now = Date.UTC(2026, 2, 1, 12, 30);

/** How many rows each statement on a table gave that was sent meanwhile. */
async function given(db: CustomerDb, table: string, work: () => Promise<void>): Promise<number[]> {
  const found: number[] = [];
  const onResponse = (response: unknown, { sql }: { sql: string }) => {
    if (Array.isArray(response) && sql.includes(`\`${table}\``)) found.push(response.length);
  };
  db.on('query-response', onResponse);
  await work();
  db.removeListener('query-response', onResponse);
  return found;
}

async function buildBusy() {
  const world = await buildCustomer();
  const { db } = world;
  const { id: monitorId } = await world.buildMonitor({ created_at: now - 9 * hourMs });
  const transactions = ['Open', 'Login'].map((name) => buildResult({ name }));
  const startedAt = now - 6 * hourMs;
  await ingest(db, await world.buildSentinel(), [buildRun({ monitorId, startedAt, transactions })], now);
  const subject = await subjectOf(db, monitorId);
  assert.ok(subject);
  const bounds = Array.from({ length: 4 * 60 + 1 }, (_, i) => startedAt + i * minute);
  const ask = (transactionIds?: number[]) =>
    gather(db, { ...subject, bounds, by: 'all', now, ...(transactionIds && { transactionIds }) });
  return { ...world, subject, bounds, startedAt, ask };
}

/** Runs without transactions, like the one that is there, so many in each minute of the first four hours. */
async function addMany(db: CustomerDb, bounds: readonly number[], eachMinute: number): Promise<void> {
  const like: RunRow = await db('runs').first();
  const rows = bounds.slice(0, -1).flatMap((started_at, i) =>
    Array.from({ length: eachMinute }, (_, n) => {
      const id = Buffer.from(like.id); // of the same month
      id.writeUInt32BE(1 + i * eachMinute + n, 12);
      return { ...like, id, started_at };
    }),
  );
  await insertAll(db, 'runs', rows);
}

test('of very many runs some hours are read at a time, and the figures are those of all', async () => {
  await using world = await buildBusy();
  const { db, bounds } = world;
  await addMany(db, bounds, 25);
  const read = await given(db, 'runs', async () => {
    const [runs] = await world.ask();
    const told = [...(runs?.tallies ?? [])].map(([step, { figures }]) => [step, figures.passed]);
    assert.deepEqual(
      told,
      bounds.slice(0, -1).map((_, step) => [step, step === 0 ? 26 : 25]),
    );
  });
  assert.deepEqual(read, [4, 4501, 1500], 'how many there are, then three hours, then one');
});

test('of transactions that nobody asked for nothing is read, and what is asked for is not told otherwise', async () => {
  await using world = await buildBusy();
  const { db } = world;
  const [, open, login] = (await world.ask()).toSorted((a, b) => a.transactionId - b.transactionId);
  assert.ok(open && login);
  assert.deepEqual(await given(db, 'transaction_results', async () => void (await world.ask([0]))), []);
  const one = [
    await given(db, 'transaction_results', async () =>
      assert.deepEqual(await world.ask([login.transactionId]), [login]),
    ),
  ];
  assert.deepEqual(one, [[1]]);
});

test('what was expected is reckoned in turns, and for a day of the time to come', async () => {
  await using world = await buildBusy();
  const { db, subject } = world;
  const hours = new Set<number>();
  const keep = ({ from }: { from: number }) => {
    hours.add(from);
    return true;
  };
  const exclusions = { businessOnly: true, withoutMaintenance: false, keep, leavesWhole: () => true };
  const bounds = [now, now + 3650 * 24 * hourMs];
  await gather(db, { ...subject, bounds, by: 'all', transactionIds: [0], exclusions, now });
  assert.equal(hours.size, 25);
  let turn = 0;
  const seen = new Set<number>();
  const slow = {
    ...{ id: 'a', location_id: 'b', revoked_at: null },
    get enrolled_at() {
      seen.add(turn);
      for (const end = performance.now() + 0.15; performance.now() < end; ); // 100 of them take longer than a turn
      return 0;
    },
  };
  const other = setInterval(() => turn++, 0);
  const watched = { ...subject.watched, sentinels: Array.from({ length: 400 }, () => slow) };
  await gather(db, { ...subject, watched, bounds: [now - hourMs, now], by: 'all', transactionIds: [0], now });
  clearInterval(other);
  assert.ok(seen.size >= 4, `${seen.size} turns`);
});

test('of what a transaction ever gave the period alone is read, on either engine', async () => {
  await using world = await buildBusy();
  const { db, bounds } = world;
  const like: TransactionResultRow[] = await db('transaction_results');
  const rows = bounds.flatMap((at) => like.map((row) => ({ ...row, started_at: at + 1 })));
  await insertAll(db, 'transaction_results', rows);
  const sent: { sql: string; bindings: string[] }[] = [];
  const onQuery = (query: (typeof sent)[number]) => {
    if (query.sql.includes('`transaction_results`')) sent.push(query);
  };
  db.on('query', onQuery);
  await world.ask();
  db.removeListener('query', onQuery);
  for (const { sql, bindings } of sent) {
    const plan = await db.raw(`explain ${fileOf(db) === undefined ? '' : 'query plan '}${sql}`, bindings);
    // By both columns of the key: of four bytes and eight, as MariaDB tells it.
    assert.match(JSON.stringify(plan), /transaction_id=\? AND started_at>\? AND started_at<\?|"key_len":"12"/);
  }
  assert.equal(sent.length, 1);
});

test('runs of a clock that is far ahead hide none that is missing in the same step', async () => {
  await using world = await buildCustomer();
  const { db } = world;
  const start = now - 6 * hourMs - minute; // of the last minute none is missing yet
  const { id: monitorId } = await world.buildMonitor({ created_at: start, every_ms: 10 * minute });
  const sentinel = await world.buildSentinel({ enrolled_at: start });
  const subject = await subjectOf(db, monitorId);
  assert.ok(subject);
  const [soon, far] = [now + 12 * hourMs, now + 72 * hourMs];
  const lost = async (bounds: number[]) => {
    const told = await gather(db, { ...subject, bounds, by: 'all', transactionIds: [0], now });
    return told.map(({ tallies }) => [...tallies.values()].map((tally) => [tally.figures.passed, tally.gaps().lost]));
  };
  for (const from of [soon, far]) {
    const runs = Array.from({ length: 30 }, (_, i) => from + i * 10 * minute);
    const reported = runs.map((at) => buildRun({ monitorId, startedAt: at, dueAt: at }));
    await ingest(db, sentinel, reported, now);
  }
  await rollUpDirty(db);
  assert.deepEqual(await lost([start, far]), [[[30, 36]]]);
  assert.deepEqual(await lost([start, now + 120 * hourMs]), [[[60, 36]]], 'by hours');
  assert.deepEqual(
    await lost([far - 25 * minute, far + 25 * minute, far + 45 * minute]),
    [
      [
        [3, 0],
        [2, 0],
      ],
    ],
    'by rows',
  );
});
