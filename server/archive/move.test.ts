import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import { buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { monitor } from '../reports/monitors.ts';
import { adoptCalendar } from '../rollups/adopt-calendar.ts';
import { usualBusinessHours } from '../rollups/calendar.ts';
import { closeHours } from '../rollups/close-hours.ts';
import { hourMs } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { buildArchive, january } from './build-archive.ts';
import { nameOf } from './piece.ts';
import { dueOf, runArchive } from './run-archive.ts';
import { claim } from './state.ts';

const minute = 60_000;
const times = (from: number, count: number, everyMs = 5 * minute) =>
  Array.from({ length: count }, (_, i) => from + i * everyMs);

test('a month whose hours are made anew for another zone waits until what was expected in them is written down again', async () => {
  await using world = await buildCustomer();
  const { db } = world;
  const start = january.to - 4 * hourMs;
  const { id } = await world.buildMonitor({ created_at: start, every_ms: 10 * minute });
  for (const isThere of [true, false]) {
    const sentinel = await world.buildSentinel({ enrolled_at: start });
    const runs = times(start, 24, 10 * minute).map((startedAt) => buildRun({ monitorId: id, startedAt }));
    if (isThere) await ingest(db, sentinel, runs, january.to);
  }
  const now = january.to + 3 * hourMs;
  const close = async () => {
    await rollUpDirty(db);
    await closeHours(db, now);
  };
  const counts = async () => {
    const found = await monitor(db, id, { from: start, to: january.to }, now);
    return [found?.counts.passed, found?.counts.lost];
  };
  const claimed = () => claim(db, { month: january, part: 0 }, now, undefined);
  await close();
  assert.deepEqual(await counts(), [24, 24]);
  await adoptCalendar(db, { timeZone: 'Europe/Amsterdam', businessHours: usualBusinessHours });
  await assert.rejects(claimed(), /hours to be rolled up/);
  await rollUpDirty(db);
  await assert.rejects(claimed(), /hours to be rolled up/);
  await close();
  await claimed();
  await close();
  assert.deepEqual(await counts(), [24, 24]);
});

test('months that are old enough leave the database, younger ones and all figures stay', async () => {
  await using world = await buildArchive();
  await world.send(times(january.from, 300));
  await world.send(times(january.to, 100));
  await world.send(times(Date.UTC(2026, 8, 1), 50));
  const rollups = () => world.use((db) => db('rollups').orderBy(['hour', 'transaction_id']));
  const before = await rollups();
  assert.deepEqual((await dueOf(world.server, world.customer.id)).map(nameOf), ['2025-01', '2025-02']);
  const moved = await runArchive(world.server, world.customer.id);
  assert.deepEqual(
    moved.map(({ piece, runs, results }) => ({ piece, runs, results })),
    [
      { piece: '2025-01', runs: 300, results: 600 },
      { piece: '2025-02', runs: 100, results: 200 },
    ],
  );
  const live = await world.use(async (db) => ({
    runs: Number((await db('runs').count({ n: '*' }))[0]?.n),
    results: Number((await db('transaction_results').count({ n: '*' }))[0]?.n),
    states: await db<ArchiveMonthRow>('archive_months').orderBy('from_at').pluck('state'),
    hours: await rollUpDirty(db),
  }));
  assert.deepEqual(live, { runs: 50, results: 100, states: ['removed', 'removed'], hours: 0 });
  assert.deepEqual(await rollups(), before);
  assert.deepEqual(await dueOf(world.server, world.customer.id), []);
});
