import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { buildArchive, january } from './build-archive.ts';
import { nameOf } from './piece.ts';
import { dueOf, runArchive } from './run-archive.ts';

const minute = 60_000;
const times = (from: number, count: number, everyMs = 5 * minute) =>
  Array.from({ length: count }, (_, i) => from + i * everyMs);

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
