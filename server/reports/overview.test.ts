import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { giveTo } from '../assignments/choices.ts';
import { buildFailedRun, buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { hourMs } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { overview } from './overview.ts';
import { OverviewAnswer } from './overview-shapes.ts';
import { dayMs } from './period.ts';
import { RecentAnswers } from './recent-answers.ts';

const minute = 60_000;
const now = Date.UTC(2026, 2, 8, 12, 30);

test('the overview tells every monitor at every location, hour by hour, against a week before', async () => {
  await using world = await buildCustomer();
  const { db } = world;
  const utrecht = await world.buildSentinel({ enrolled_at: now - 9 * dayMs });
  const delft = await world.buildSentinel({ enrolled_at: now - 9 * dayMs });
  const gone = await world.buildSentinel({ enrolled_at: 0, revoked_at: 1 });
  const shop = await world.buildMonitor({ name: 'Shop', created_at: now - 9 * dayMs });
  const idle = await world.buildMonitor({ name: 'Idle', paused: 1 });
  await giveTo(db, idle.id, [delft.id], now - 9 * dayMs);
  const at = (ms: number, durationUs: number) => buildRun({ monitorId: shop.id, startedAt: now + ms, durationUs });
  const failed = buildFailedRun({ monitorId: shop.id, startedAt: now - minute });
  await ingest(db, utrecht, [at(-3 * hourMs, 3_000_000), at(-2 * minute, 1_000_000), failed], now);
  await ingest(db, delft, [at(-minute, 2_000_000)], now);
  await ingest(db, utrecht, [at(-3 * hourMs - 7 * dayMs, 1_000_000)], now - 7 * dayMs);
  await rollUpDirty(db);
  const answer = OverviewAnswer.parse(await overview(db, now));
  assert.deepEqual([answer.hours.length, answer.hours.at(-1)], [24, now - 30 * minute]);
  const ids = [utrecht, delft].map((one) => one.locationId).sort();
  assert.deepEqual(answer.locations.map((one) => one.id).sort(), ids);
  assert.ok(!ids.includes(gone.locationId));
  const [first, second] = answer.monitors;
  assert.deepEqual(
    [first?.name, first?.state, first?.places.map((one) => one.locationId)],
    ['Idle', 'paused', [delft.locationId]],
  );
  assert.deepEqual([second?.name, second?.state, second?.availability], ['Shop', 'failing', 3 / 4]);
  assert.deepEqual([second?.trouble?.transaction, second?.since], ['Login', failed.startedAt]);
  assert.ok(
    Math.abs((second?.p95Us ?? 0) - 3_000_000) < 31_000 && Math.abs((second?.p95BeforeUs ?? 0) - 1_000_000) < 11_000,
  );
  const place = second?.places.find((one) => one.locationId === utrecht.locationId);
  assert.deepEqual([place?.state, place?.availability], ['failing', 2 / 3]);
  assert.deepEqual(
    [place?.strip.passed.slice(-4), place?.strip.failed.slice(-4)],
    [
      [1, 0, 0, 1],
      [0, 0, 0, 1],
    ],
  );
  assert.deepEqual(place?.strip.slow.slice(-4), [true, false, false, false], 'it took three times as long as is usual');
  const other = second?.places.find((one) => one.locationId === delft.locationId);
  assert.deepEqual([other?.state, other?.p95BeforeUs, other?.availability], ['up', null, 1]);
});

test('with thresholds an hour is slow when one of them is exceeded, else it is not', async () => {
  await using world = await buildCustomer();
  const sentinel = await world.buildSentinel();
  const named = await world.buildMonitor({ name: 'Named', thresholds: '{"Login":200000}' });
  const whole = await world.buildMonitor({ name: 'Whole', thresholds: '{"":500000}' });
  for (const { id: monitorId } of [named, whole]) {
    const login = (responseUs: number) => [buildResult({ name: 'Login', responseUs })];
    const quick = { monitorId, startedAt: now - hourMs, durationUs: 400_000, transactions: login(100_000) };
    const slow = { monitorId, startedAt: now - minute, durationUs: 900_000, transactions: login(300_000) };
    await ingest(world.db, sentinel, [buildRun(quick), buildRun(slow)], now);
  }
  await rollUpDirty(world.db);
  const { monitors } = await overview(world.db, now);
  for (const { name, places } of monitors) assert.deepEqual(places[0]?.strip.slow.slice(-2), [false, true], name);
});

test('the overview of fifty monitors takes as many queries as that of five', async () => {
  const counts: number[] = [];
  for (const monitors of [5, 50]) {
    await using world = await buildCustomer();
    const sentinel = await world.buildSentinel({ enrolled_at: now - 9 * dayMs });
    for (let i = 0; i < monitors; i++) {
      const thresholds = i % 2 === 0 ? null : '{"Login":200000}';
      const made = { name: `Monitor ${i}`, created_at: now - 9 * dayMs, thresholds, paused: i % 5 === 3 ? 1 : 0 };
      const { id: monitorId } = await world.buildMonitor(made);
      const runs =
        i % 5 === 4 ? [] : [0, 7 * dayMs].map((ago) => buildRun({ monitorId, startedAt: now - minute - ago }));
      await ingest(world.db, sentinel, runs, now);
    }
    await rollUpDirty(world.db);
    let sent = 0;
    world.db.on('query', () => sent++);
    const answer = await overview(world.db, now);
    assert.equal(answer.monitors.length, monitors);
    assert.ok(answer.monitors.every(({ name, p95Us }) => (Number(name.slice(8)) % 5 === 4) === (p95Us === null)));
    counts.push(sent);
  }
  assert.equal(counts[1], counts[0]);
});

test('who asks within a moment gets the same answer; a failure is not kept', async () => {
  const recent = new RecentAnswers<number>(100);
  let asked = 0;
  const ask = async () => ++asked;
  assert.deepEqual(
    [await recent.get('a', 0, ask), await recent.get('a', 99, ask), await recent.get('b', 99, ask)],
    [1, 1, 2],
  );
  assert.equal(await recent.get('a', 100, ask), 3);
  await assert.rejects(recent.get('c', 0, () => Promise.reject(new Error('no'))));
  assert.equal(await recent.get('c', 0, ask), 4);
});
