import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { atomically } from '../atomically.ts';
import { openSqlite } from './sqlite.ts';

async function tempDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-sqlite-'));
  const file = join(folder, 'below', 'test.sqlite');
  const open = () => openSqlite(file);
  const db = open();
  await db.schema.createTable('things', (t) => {
    t.increments('id');
    t.binary('content');
  });
  return {
    ...{ db, open, folder, file },
    async [Symbol.asyncDispose]() {
      await db.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

test('rows are plain objects and blobs are buffers', async () => {
  await using temp = await tempDatabase();
  await temp.db('things').insert([{ content: Buffer.from('abc') }, { content: null }]);
  assert.deepEqual(await temp.db('things').orderBy('id'), [
    { id: 1, content: Buffer.from('abc') },
    { id: 2, content: null },
  ]);
});

test('commits are on the disk, and freed pages can be given back', async () => {
  await using temp = await tempDatabase();
  const value = async (name: string) => Object.values((await temp.db.raw(`pragma ${name}`))[0])[0];
  assert.equal(await value('synchronous'), 2);
  assert.equal(await value('journal_mode'), 'wal');
  assert.equal(await value('auto_vacuum'), 2);
  assert.equal(await value('foreign_keys'), 1);
});

test('a writer waits for another one, and the process goes on meanwhile', async () => {
  await using temp = await tempDatabase();
  const other = temp.open();
  const begun = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const long = atomically(other, async (trx) => {
    await trx('things').insert({ id: 1 });
    begun.resolve();
    await mayEnd.promise;
  });
  await begun.promise;
  const waiting = temp.db('things').insert({ id: 2 });
  setImmediate(mayEnd.resolve); // would never run if the process were stopped
  await Promise.all([long, waiting]);
  assert.deepEqual(await temp.db('things').orderBy('id').pluck('id'), [1, 2]);
  await other.destroy();
});

test('a transaction that fails leaves nothing behind', async () => {
  await using temp = await tempDatabase();
  const failing = atomically(temp.db, async (trx) => {
    await trx('things').insert({ id: 1 });
    throw new Error('cut');
  });
  await assert.rejects(failing, /cut/);
  assert.deepEqual(await temp.db('things'), []);
});

test('a database that another program is making at this moment is waited for', async () => {
  await using temp = await tempDatabase();
  const file = join(temp.folder, 'new.sqlite');
  const other = new DatabaseSync(file);
  other.exec('begin exclusive');
  const db = openSqlite(file);
  const waiting = db.raw('select 1');
  setImmediate(() => other.exec('commit'));
  await waiting;
  await db.destroy();
  other.close();
});

test('its files are for their owner alone, whatever its folder is', {
  skip: process.platform === 'win32',
}, async () => {
  await using temp = await tempDatabase();
  await temp.db('things').insert({ id: 1 });
  for (const file of [temp.file, `${temp.file}-wal`, `${temp.file}-shm`]) {
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
  }
});

test('a database that cannot be opened is named, with the cause and what to do', async () => {
  await using temp = await tempDatabase();
  const damaged = join(temp.folder, 'damaged.sqlite');
  writeFileSync(damaged, 'this is no database, but long enough to be taken for one'.repeat(100));
  const folder = join(temp.folder, 'folder.sqlite');
  mkdirSync(folder);
  for (const [file, why] of [
    [damaged, /damaged\.sqlite \(file is not a database\): restore it from a backup/],
    [folder, /folder\.sqlite \(unable to open database file\): see that this user may read and write/],
  ] as const) {
    const db = openSqlite(file);
    await assert.rejects(db.raw('select 1'), { name: 'DatabaseUnusable', message: why });
    await db.destroy();
  }
});

test('a statement that is kept for the next time follows a change of the schema', async () => {
  await using temp = await tempDatabase();
  await temp.db('things').insert({ content: null });
  assert.deepEqual(await temp.db('things'), [{ id: 1, content: null }]);
  const other = temp.open();
  await other.schema.alterTable('things', (t) => {
    t.integer('b').defaultTo(2);
  });
  await other.destroy();
  assert.deepEqual(await temp.db('things'), [{ id: 1, content: null, b: 2 }]);
});

test('a connection reaches no other file, loads no code and writes no schema by hand', async () => {
  await using temp = await tempDatabase();
  const attempts = [
    [`attach '${join(temp.folder, 'other.sqlite')}' as other`, /too many attached databases/],
    ["select load_extension('/tmp/x.so')", /not authorized|no such function/],
    ["update sqlite_schema set sql = 'x'", /may not be modified/],
  ] as const;
  await temp.db.raw('pragma writable_schema = on');
  for (const [sql, why] of attempts) await assert.rejects(Promise.resolve(temp.db.raw(sql)), why);
  assert.ok(!existsSync(join(temp.folder, 'other.sqlite')));
});
