import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../open-database.ts';
import { testDatabase } from '../test-database.ts';
import { insertRows, type Values } from './insert-rows.ts';

test('rows are all there, whatever of them is null and however many lack the same', async () => {
  await using place = await testDatabase();
  const db = await openDatabase(place.at, []);
  try {
    await db.schema.createTable('things', (t) => {
      t.integer('id').primary();
      t.string('note', 20);
      t.bigInteger('count');
    });
    // Of each hundred 95 lack the note, 3 the count, one both, one nothing.
    const note = (id: number) => (id % 100 < 96 ? null : `no. ${id}`);
    const count = (id: number) => (id % 100 < 1 || id % 100 > 96 ? null : id);
    const rows: Values[] = Array.from({ length: 2500 }, (_, id) => ({ id, note: note(id), count: count(id) }));
    await db.transaction((trx) => insertRows(trx, 'things', ['id', 'note', 'count'], rows));
    assert.deepEqual(await db('things').orderBy('id').select('id', 'note', 'count'), rows);
  } finally {
    await db.destroy();
  }
});
