import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { until } from '../../test/faults/until.ts';
import { type MariaDb, mariaDb } from '../../test/mariadb.ts';
import { atomically } from '../atomically.ts';
import { ConnectionLost, isUnusable } from '../database-unusable.ts';
import { insertRows } from './insert-rows.ts';
import { mysqlAddress, openMysql } from './mysql.ts';

let server: MariaDb;
let db: Knex;

before(async () => {
  server = await mariaDb();
  await server.sql('create or replace database engine');
  db = openMysql({ ...mysqlAddress(server.url), database: 'engine' }, { connections: 3 });
  await db.schema.createTable('schema_steps', (t) => t.integer('position').primary());
  await db('schema_steps').insert({ position: 1 });
  await db.schema.createTable('things', (t) => {
    t.increments('id');
    t.string('name', 20).unique();
    t.text('note');
    t.binary('content');
    t.bigInteger('count');
  });
});
after(async () => {
  await db.destroy();
  await server.sql('drop database engine');
  await server.close();
});

test('rows are plain objects, blobs are buffers and counts are numbers', async () => {
  await db('things').delete();
  await db('things').insert({ id: 1, name: 'a', content: Buffer.from('abc'), count: 2 ** 53 - 1 });
  const [row] = await db('things');
  assert.deepEqual({ ...row }, { id: 1, name: 'a', note: null, content: Buffer.from('abc'), count: 2 ** 53 - 1 });
  assert.deepEqual(await db('things').sum({ sum: 'count' }).count({ n: '*' }), [{ sum: 2 ** 53 - 1, n: 1 }]);
});

test('rows that are together more than one statement may hold are inserted', async () => {
  await db('things').delete();
  const content = Buffer.alloc(1_000_000, "'");
  const rows = Array.from({ length: 20 }, (_, n) => ({ name: `large ${n}`, content }));
  await db.transaction((trx) => insertRows(trx, 'things', ['name', 'content'], rows));
  const [found] = await db('things')
    .count({ n: '*' })
    .sum({ bytes: db.raw('octet_length(content)') });
  assert.deepEqual({ ...found }, { n: 20, bytes: 20_000_000 });
  await db('things').delete();
});

test('whatever rows hold is inserted as it is, and none of it becomes SQL', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom("'", '\\', "\\'", '', '--', '\u001a', '\0', '%_"`\n\r'),
  );
  const row = fc.record({
    name: fc.uuid().map((id) => id.slice(0, 20)),
    note: fc.option(text),
    content: fc.option(fc.uint8Array()),
    count: fc.option(fc.maxSafeInteger()),
  });
  const rows = fc.uniqueArray(row, { selector: ({ name }) => name, minLength: 1 });
  await fc.assert(
    fc.asyncProperty(rows, async (given) => {
      await db('things').delete();
      await insertRows(db, 'things', ['name', 'note', 'content', 'count'], given);
      const found = await db('things').select('name', 'note', 'content', 'count');
      const bytes = (content: Uint8Array | null) => content && Buffer.from(content);
      assert.deepEqual(
        new Map(found.map((one) => [one.name, { ...one }])),
        new Map(given.map((one) => [one.name, { ...one, content: bytes(one.content) }])),
      );
    }),
    { numRuns: 30 },
  );
});

test('a transaction whose program says nothing any more ends, and its locks with it', async () => {
  const own = openMysql({ ...mysqlAddress(server.url), database: 'engine' });
  const silent = await own.transaction();
  try {
    const [[settings]] = await silent.raw('select @@idle_transaction_timeout as idle, @@wait_timeout as wait');
    assert.deepEqual({ ...settings }, { idle: 60, wait: 600 });
    await silent.raw('set session idle_transaction_timeout = 1'); // a minute is long for a test
    await silent.raw('select position from schema_steps where position = 1 for update');
    await atomically(db, (trx) => trx('things').delete()); // waits in line behind it
    await assert.rejects(Promise.resolve(silent.raw('select 1')), ConnectionLost);
  } finally {
    await silent.rollback().catch(() => {}); // it is gone
    await own.destroy();
  }
});

test('an integer that a number cannot hold is an error, not another integer', async () => {
  await db('things').delete();
  await db.raw('insert into things (count) values (9007199254740993)');
  await assert.rejects(Promise.resolve(db('things').select('count')), /column count holds 9007199254740993/);
});

test('texts are kept and compared as they are: letters, spaces at the end, emoji', async () => {
  await db('things').delete();
  const names = ['Login', 'login', 'Login ', 'Lögin', 'ログイン', '🔑', '\u202Eright to left', "'; drop table x --\\"];
  await db('things').insert(names.map((name) => ({ name })));
  assert.deepEqual(await db('things').orderBy('id').pluck('name'), names);
  assert.deepEqual(await db('things').where({ name: 'Login' }).pluck('name'), ['Login']);
  assert.deepEqual(await db('things').whereIn('name', ['Z', 'a', 'Login', 'login']).orderBy('name').pluck('name'), [
    'Login',
    'login',
  ]);
});

test('what is too long or no number is refused, not cut', async () => {
  await assert.rejects(Promise.resolve(db('things').insert({ name: 'x'.repeat(21) })), /Data too long/);
  await assert.rejects(Promise.resolve(db('things').insert({ count: 'many' })), /Incorrect integer value/);
});

test('an error tells of no value: it may be a password', async () => {
  const insert = db('things').insert({ name: 'correct horse battery staple' });
  await assert.rejects(Promise.resolve(insert), (error: Error) => {
    assert.match(error.message, /Data too long/);
    return !JSON.stringify({ ...error, message: error.message }).includes('horse');
  });
});

test('a value that is an object does not become SQL', async () => {
  await db('things').delete();
  await db('things').insert({ name: 'a' });
  const [rows] = await db.raw('select name from things where name = ?', [{ name: 1 } as unknown as string]);
  assert.deepEqual(rows, []);
});

test('transactions that write stand in line: what one has read stays so until it commits', async () => {
  await db('things').delete();
  await db('things').insert({ id: 1, count: 0 });
  const addOne = () =>
    atomically(db, async (trx) => {
      const row = await trx('things').where({ id: 1 }).first();
      await trx('things')
        .where({ id: 1 })
        .update({ count: row.count + 1 });
    });
  await Promise.all(Array.from({ length: 12 }, addOne));
  assert.equal((await db('things').first()).count, 12);
});

test('those that share it are under way together, and who needs it alone waits for them and they for it', async () => {
  await db('things').delete();
  const [both, over, seen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), [] as string[]];
  let inside = 0;
  const sharing = () =>
    atomically(
      db,
      async (trx) => {
        inside += 1;
        if (inside === 2) both.resolve();
        await over.promise;
        await trx('things').insert({ name: `shared ${inside--}` });
      },
      'beside others',
    );
  const shared = [sharing(), sharing()];
  await both.promise;
  const alone = atomically(db, async (trx) => void seen.push(...(await trx('things').orderBy('name').pluck('name'))));
  const waiting = 'select count(*) from information_schema.innodb_lock_waits';
  await until('it waits in line', async () => Number(await server.sql(waiting)) > 0);
  over.resolve();
  await Promise.all([...shared, alone]);
  assert.deepEqual(seen, ['shared 1', 'shared 2']);
});

test('work undone by a deadlock or a broken connection is done again, and counts once', async () => {
  await db('things').delete();
  let tries = 0;
  await atomically(db, async (trx) => {
    tries += 1;
    await trx('things').insert({ id: 1, count: tries });
    if (tries === 1) await trx.raw("signal sqlstate '40001' set mysql_errno = 1213");
    const [[{ id }]] = await trx.raw('select connection_id() as id');
    if (tries === 2) await server.sql(`kill ${id}`);
    await trx('things').first();
  });
  assert.equal(tries, 3);
  assert.deepEqual(await db('things').pluck('count'), [3]);
});

test('where others stand in the way each time, the state of the database is to blame and nothing is left', async () => {
  await db('things').delete();
  let tries = 0;
  const hindered = atomically(db, async (trx) => {
    tries += 1;
    await trx('things').insert({ id: 1 });
    await trx.raw("signal sqlstate '40001' set mysql_errno = 1205");
  });
  await assert.rejects(hindered, (error) => isUnusable(error) && /in the way 5 times/.test(String(error)));
  assert.deepEqual([tries, await db('things')], [5, []]);
});

test('a transaction that fails for another reason leaves nothing behind and is not repeated', async () => {
  await db('things').delete();
  let tries = 0;
  const failing = atomically(db, async (trx) => {
    tries += 1;
    await trx('things').insert({ id: 1 });
    throw new Error('cut');
  });
  await assert.rejects(failing, /cut/);
  assert.deepEqual([tries, await db('things')], [1, []]);
});

test('a connection that broke is told as such and replaced', async () => {
  const one = openMysql({ ...mysqlAddress(server.url), database: 'engine' });
  const [[{ id }]] = await one.raw('select connection_id() as id');
  const lost = assert.rejects(Promise.resolve(one.raw('select sleep(20)')), ConnectionLost);
  await server.sql(`kill ${id}`);
  await lost;
  assert.deepEqual((await one.raw('select 1 as one'))[0], [{ one: 1 }]);
  await one.destroy();
});

test('a server that is not there, and an account it does not know, are named with what to do', async () => {
  const address = mysqlAddress(server.url);
  for (const [wrong, why] of [
    [
      { port: 1 },
      /cannot (connect to|work with) the database .* on 127\.0\.0\.1:1 .*see that the database server runs/,
    ],
    [{ password: 'wrong' }, /Access denied.*see that the account and its password are those that were set/],
    [{ database: 'nowhere' }, /Unknown database.*make the schema/],
  ] as const) {
    const other = openMysql({ ...address, ...wrong });
    await assert.rejects(other.raw('select 1'), (error: Error) => {
      assert.equal(error.name, 'DatabaseUnusable');
      assert.match(error.message, why);
      assert.doesNotMatch(error.message, new RegExp(address.password));
      return true;
    });
    await other.destroy();
  }
});
