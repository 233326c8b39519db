import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqlite } from './engines/sqlite.ts';
import { type Migration, migrate, SchemaTooNew } from './migrate.ts';

const first: Migration = { name: '1 boats', up: (db) => db.schema.createTable('boats', (t) => void t.string('name')) };
const second: Migration = { name: '2 sails', up: (db) => db.schema.createTable('sails', (t) => void t.string('name')) };

function tempDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-migrate-'));
  const open = () => openSqlite(join(folder, 'test.sqlite'));
  const db = open();
  return {
    ...{ db, open },
    async [Symbol.asyncDispose]() {
      await db.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

test('steps are applied once, in order, from nothing or from where the schema is', async () => {
  await using temp = tempDatabase();
  await migrate(temp.db, [first]);
  await migrate(temp.db, [first, second]);
  await migrate(temp.db, [first, second]);
  assert.deepEqual(await temp.db('schema_steps').pluck('name'), ['1 boats', '2 sails']);
  assert.ok(await temp.db.schema.hasTable('sails'));
});

test('a schema of a newer version is refused and left as it is', async () => {
  await using temp = tempDatabase();
  await migrate(temp.db, [first, second]);
  await assert.rejects(migrate(temp.db, [first]), (error: Error) => {
    assert.ok(error instanceof SchemaTooNew);
    assert.match(error.message, /newer version of Vedette.*"2 sails".*start the newer version/);
    return true;
  });
  assert.deepEqual(await temp.db('schema_steps').pluck('position'), [1, 2]);
});

test('a step that fails leaves nothing behind, and is tried again', async () => {
  await using temp = tempDatabase();
  const failing: Migration = {
    name: '2 sails',
    async up(db) {
      await second.up(db);
      throw new Error('cut');
    },
  };
  await assert.rejects(migrate(temp.db, [first, failing]), /cut/);
  assert.equal(await temp.db.schema.hasTable('sails'), false);
  await migrate(temp.db, [first, second]);
  assert.ok(await temp.db.schema.hasTable('sails'));
});

test('two programs that start at once apply each step once', async () => {
  await using temp = tempDatabase();
  const other = temp.open();
  await Promise.all([migrate(temp.db, [first, second]), migrate(other, [first, second])]);
  assert.deepEqual(await other('schema_steps').pluck('name'), ['1 boats', '2 sails']);
  await other.destroy();
});
