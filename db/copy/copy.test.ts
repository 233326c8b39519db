import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { buildCustomer } from '../customer/build-customer.ts';
import { customerMigrations } from '../customer/migrations.ts';
import { isMysql } from '../engines/dialect.ts';
import { openDatabase } from '../open-database.ts';
import { testDatabase } from '../test-database.ts';
import { copyRows } from './copy-rows.ts';
import { fingerprint } from './fingerprint.ts';
import { withSnapshot } from './snapshot.ts';
import { tablesOf } from './tables.ts';

/** An empty file with a customer's tables. */
async function buildFile() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-copy-'));
  const db = await openDatabase(join(folder, 'export.sqlite'), customerMigrations);
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

/** 1,000 rows with keys of four columns, many alike in the first ones; odd numbers, texts and bytes. */
async function fill(db: Knex): Promise<void> {
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    ...{ transaction_id: i % 3, started_at: (i % 7) * 1e12 - 1, run_id: randomBytes(16), position: i % 2 },
    ...{ start_us: i, duration_us: i ** 3, response_us: i % 5 ? i : null, outcome: 'passed', error_code: null },
    ...{ error_message: i % 2 ? `“${i}” 😀\n\0'` : null, error_location: null, reason: '' },
  }));
  for (let at = 0; at < rows.length; at += 250) await db('transaction_results').insert(rows.slice(at, at + 250));
}

test('every row reaches the file and comes back, whatever engine it is from, and tables come after those they refer to', async () => {
  await using customer = await buildCustomer();
  await fill(customer.db);
  const monitor = await customer.buildMonitor({ name: 'Ünïcode 😀' });
  const { id } = await customer.buildSentinel();
  await customer.db('monitor_sentinels').insert({ monitor_id: monitor.id, sentinel_id: id });
  await using file = await buildFile();
  const tables = await tablesOf(file.db);
  await file.db.transaction(async (to) => {
    for (const table of tables) await copyRows(customer.db, to, table);
  });
  await using place = await testDatabase();
  const restored = await openDatabase(place.at, customerMigrations);
  await restored.transaction(async (to) => {
    for (const table of tables) await copyRows(file.db, to, table);
  });
  const all = (db: Knex) => db('transaction_results').orderBy(['transaction_id', 'started_at', 'run_id', 'position']);
  assert.deepEqual(await all(restored), await all(customer.db));
  for (const table of tables) {
    const expected = await fingerprint(customer.db, table);
    assert.deepEqual(await fingerprint(file.db, table), expected, table.name);
    assert.deepEqual(await fingerprint(restored, table), expected, table.name);
  }
  assert.ok(tables.length > 15, `${tables.length} tables`);
  await restored.destroy();
});

test('a row more, another number and another text change the fingerprint', async () => {
  await using file = await buildFile();
  const [table] = (await tablesOf(file.db)).filter(({ name }) => name === 'locations');
  assert.ok(table);
  const of = () => fingerprint(file.db, table);
  const seen = [await of()];
  await file.db('locations').insert({ id: 'a', name: 'Ü' });
  seen.push(await of());
  await file.db('locations').update({ name: 'UU!' });
  seen.push(await of());
  assert.deepEqual(
    seen.map(({ rows, sums }) => [rows, sums.name]),
    [
      [0, 0],
      [1, 2],
      [1, 3],
    ],
  );
});

test('what is written while a snapshot is read does not wait for it, and is not in it; its tables stay as they are', async () => {
  await using place = await testDatabase();
  const db = await openDatabase(place.at, customerMigrations);
  await db('locations').insert({ id: 'a', name: 'before' });
  const names = await withSnapshot(place.at, [{ name: 'locations' }], async (snapshot) => {
    if (isMysql(db)) {
      await db.raw('set session lock_wait_timeout = 0');
      await assert.rejects(db.raw('alter table locations add unheard integer'), /Lock wait timeout/);
    }
    await db('locations').insert({ id: 'b', name: 'meanwhile' });
    return snapshot('locations').pluck('name');
  });
  assert.deepEqual(names, ['before']);
  assert.equal((await db('locations')).length, 2);
  await db.destroy();
});
