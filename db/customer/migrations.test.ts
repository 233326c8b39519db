import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../open-database.ts';
import { testDatabase } from '../test-database.ts';
import { customerMigrations } from './migrations.ts';

test('runs and monitors of the first version are there after the later steps, count, ask for nothing, and had their schedule and sentinels from the first day', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-steps-'));
  const file = join(folder, 'live.sqlite');
  const before = await openDatabase(file, customerMigrations.slice(0, 1));
  try {
    await before('scripts').insert({ id: 's', name: 'home.spec.ts' });
    const texts = { use: '{}', variables: '{}', secrets: '[]', mask_selectors: '[]' };
    const monitor = { id: 'm', name: 'Home', script_id: 's', script_version: 1, every_ms: 60_000, timeout_ms: 30_000 };
    await before('monitors').insert({ ...monitor, ...texts, created_at: 0 });
    await before('monitors').insert({ ...monitor, ...texts, id: 'n', name: 'Chosen', created_at: 7 });
    await before('locations').insert({ id: 'l', name: 'Delft' });
    const sentinel = { id: 'a', name: 'desk-1', location_id: 'l', platform: 'linux', version: '0.1.0', enrolled_at: 9 };
    await before('sentinels').insert(sentinel);
    await before('monitor_sentinels').insert({ monitor_id: 'n', sentinel_id: 'a' });
    const place = { monitor_id: 'm', sentinel_id: 's', location_id: 'l', script_sha256: 'x', script_version: 1 };
    const times = { due_at: 1, started_at: 1, sentinel_started_at: 1, received_at: 2, duration_us: 3 };
    const run = { id: Buffer.alloc(16, 1), ...place, ...times, outcome: 'failed', content_hash: Buffer.alloc(32) };
    await before('runs').insert(run);
  } finally {
    await before.destroy();
  }
  const after = await openDatabase(file, customerMigrations);
  try {
    assert.deepEqual(await after('runs').select('outcome', 'counts', 'retry_of', 'retried_by'), [
      { outcome: 'failed', counts: 1, retry_of: null, retried_by: null },
    ]);
    assert.deepEqual(await after('monitors').where({ id: 'm' }).select('name', 'policy'), [
      { name: 'Home', policy: null },
    ]);
    assert.deepEqual(await after('monitor_schedules').select('monitor_id', 'from_at', 'every_ms', 'cron', 'paused'), [
      { monitor_id: 'm', from_at: 0, every_ms: 60_000, cron: null, paused: 0 },
      { monitor_id: 'n', from_at: 7, every_ms: 60_000, cron: null, paused: 0 },
    ]);
    assert.deepEqual(await after('assignment_eras').orderBy('monitor_id'), [
      { monitor_id: 'm', sentinel_id: '', from_at: 0, to_at: 8.64e15 },
      { monitor_id: 'n', sentinel_id: 'a', from_at: 7, to_at: 8.64e15 },
    ]);
  } finally {
    await after.destroy();
    rmSync(folder, { recursive: true });
  }
});

test('details that lay in a table of their own lie with their run', async () => {
  await using place = await testDatabase();
  const isBefore = ({ name }: { name: string }) => name < '021';
  const before = await openDatabase(place.at, customerMigrations.filter(isBefore));
  const keys = Array.from({ length: 1003 }, (_, i) => Buffer.from(`0198${i.toString(16).padStart(28, '0')}`, 'hex'));
  const told = (i: number) => (i % 3 === 0 ? null : JSON.stringify({ usage: { cpuUs: i } }));
  try {
    const of = { monitor_id: 'm', sentinel_id: 's', location_id: 'l', script_sha256: 'x', script_version: 1 };
    const times = {
      due_at: 1,
      started_at: 1,
      sentinel_started_at: 1,
      received_at: 2,
      duration_us: 3,
      outcome: 'passed',
    };
    const rows = keys.map((id) => ({ id, ...of, ...times, content_hash: Buffer.alloc(32) }));
    const details = keys.flatMap((run_id, i) => (told(i) === null ? [] : [{ run_id, facts: told(i) }]));
    await before.batchInsert('runs', rows, 100);
    await before.batchInsert('run_details', details, 100);
  } finally {
    await before.destroy();
  }
  const after = await openDatabase(place.at, customerMigrations);
  try {
    assert.deepEqual(
      await after('runs').orderBy('id').pluck('details'),
      keys.map((_, i) => told(i)),
    );
    for (const table of ['run_details', 'details_to_move']) assert.equal(await after.schema.hasTable(table), false);
  } finally {
    await after.destroy();
  }
});
