import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { atomically } from '../atomically.ts';
import { openSqlite } from './sqlite.ts';

async function tempDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-sqlite-'));
  const open = () => openSqlite(join(folder, 'below', 'test.sqlite'));
  const db = open();
  await db.schema.createTable('things', (t) => {
    t.increments('id');
    t.binary('content');
  });
  return {
    ...{ db, open },
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
