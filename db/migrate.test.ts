import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { mariaDb } from '../test/mariadb.ts';
import { customerMigrations } from './customer/migrations.ts';
import { isMysql } from './engines/dialect.ts';
import { mysqlAddress, openMysql } from './engines/mysql.ts';
import { openSqlite } from './engines/sqlite.ts';
import { type Migration, migrate, SchemaTooNew } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { testDatabase } from './test-database.ts';

const first: Migration = { name: '1 boats', up: (db) => db.schema.createTable('boats', (t) => void t.string('name')) };
const second: Migration = { name: '2 sails', up: (db) => db.schema.createTable('sails', (t) => void t.string('name')) };

async function tempDatabase() {
  const { at, [Symbol.asyncDispose]: remove } = await testDatabase();
  const open = () => (typeof at === 'string' ? openSqlite(at) : openMysql(at));
  const db = open();
  return {
    ...{ db, open },
    async [Symbol.asyncDispose]() {
      await db.destroy();
      await remove();
    },
  };
}

test('steps are applied once, in order, from nothing or from where the schema is', async () => {
  await using temp = await tempDatabase();
  await migrate(temp.db, [first]);
  await migrate(temp.db, [first, second]);
  await migrate(temp.db, [first, second]);
  assert.deepEqual(await temp.db('schema_steps').orderBy('position').pluck('name'), ['1 boats', '2 sails']);
  assert.ok(await temp.db.schema.hasTable('sails'));
});

test('a schema of a newer version is refused and left as it is', async () => {
  await using temp = await tempDatabase();
  await migrate(temp.db, [first, second]);
  await assert.rejects(migrate(temp.db, [first]), (error: Error) => {
    assert.ok(error instanceof SchemaTooNew);
    assert.match(error.message, /newer version of Vedette.*"2 sails".*start the newer version/);
    return true;
  });
  assert.deepEqual(await temp.db('schema_steps').orderBy('position').pluck('position'), [1, 2]);
});

test('a step that fails is named and not recorded, and is done again from its beginning; a file is left as it was', async () => {
  await using temp = await tempDatabase();
  const failing: Migration = {
    name: '2 sails',
    async up(db) {
      await second.up(db);
      throw new Error('cut');
    },
  };
  await assert.rejects(migrate(temp.db, [first, failing]), /the step "2 sails" of the schema failed \(cut\)/);
  // MariaDB commits each statement that changes a schema by itself.
  const there = ['boats', 'sails'].map((table) => temp.db.schema.hasTable(table));
  assert.deepEqual(await Promise.all(there), [isMysql(temp.db), isMysql(temp.db)]);
  assert.deepEqual(await temp.db('schema_steps').pluck('name'), isMysql(temp.db) ? ['1 boats'] : []);
  await migrate(temp.db, [first, second]);
  assert.ok(await temp.db.schema.hasTable('sails'));
});

test('a unique key that rows stand in the way of fails the step each time', async () => {
  await using temp = await tempDatabase();
  await migrate(temp.db, [first]);
  await temp.db('boats').insert([{ name: 'a' }, { name: 'a' }]);
  const unique: Migration = { name: '2', up: (db) => db.schema.alterTable('boats', (t) => void t.unique(['name'])) };
  for (const _ of [1, 2]) await assert.rejects(migrate(temp.db, [first, unique]), /UNIQUE|Duplicate/);
  assert.deepEqual(await temp.db('schema_steps').pluck('name'), ['1 boats']);
});

test('two programs that start at once apply each step once', async () => {
  await using temp = await tempDatabase();
  const other = temp.open();
  await Promise.all([migrate(temp.db, [first, second]), migrate(other, [first, second])]);
  assert.deepEqual(await other('schema_steps').orderBy('position').pluck('name'), ['1 boats', '2 sails']);
  await other.destroy();
});

test('on MariaDB, a schema that something else lives in is refused and left alone', async () => {
  await using server = await mariaDb();
  await server.sql('create or replace database strangers; create table strangers.boats (name int)');
  const opening = openDatabase({ ...mysqlAddress(server.url), database: 'strangers' }, [first]);
  await assert.rejects(opening, /holds tables of something else \(boats\); nothing was changed/);
  assert.equal(await server.sql('show tables from strangers'), 'boats\n');
  await server.sql('drop database strangers');
});

/** Makes a customer's schema and kills itself after so many statements were carried out. */
const killed = `
  const { openMysql, migrate, customerMigrations, at, after } = await (async () => ({
    ...(await import('${new URL('engines/mysql.ts', import.meta.url)}')), ...(await import('${new URL('migrate.ts', import.meta.url)}')),
    ...(await import('${new URL('customer/migrations.ts', import.meta.url)}')), ...JSON.parse(process.argv[1]) }))();
  let done = 0;
  const db = openMysql(at).on('query-response', () => { if (++done === after) process.kill(process.pid, 'SIGKILL'); });
  await migrate(db, customerMigrations);
  await db.destroy();
`;

test('on MariaDB, a server that is killed while it makes a schema finds it as it should be after the next start', async () => {
  await using server = await mariaDb();
  const address = mysqlAddress(server.url);
  const tables = async (database: string) =>
    server.sql(
      `select table_name, column_name, column_type from information_schema.columns where table_schema = '${database}' order by 1, 2;
       select table_name, index_name, seq_in_index, column_name from information_schema.statistics where table_schema = '${database}' order by 1, 2, 3;
       select table_name, partition_name from information_schema.partitions where table_schema = '${database}' order by 1, 2;
       select table_name, constraint_name from information_schema.referential_constraints where constraint_schema = '${database}' order by 1, 2;
       select * from ${database}.schema_steps order by 1`,
    );
  await server.sql('create database whole');
  let statements = 0;
  const whole = openMysql({ ...address, database: 'whole' }).on('query-response', () => void statements++);
  await migrate(whole, customerMigrations);
  await whole.destroy();
  const expected = await tables('whole');
  assert.ok(statements > 60, String(statements));
  const every = process.env.VEDETTE_LONG ? 1 : Math.ceil(statements / 2);
  for (let after = Math.ceil(every / 2); after < statements; after += every) {
    await server.sql('set foreign_key_checks = 0; drop database if exists cut; create database cut');
    const at = { ...address, database: 'cut' };
    const child = spawn(process.execPath, ['--input-type=module', '-e', killed, JSON.stringify({ at, after })], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [, signal] = await once(child, 'exit');
    assert.equal(signal, 'SIGKILL', `after ${after} statements`);
    await (await openDatabase(at, customerMigrations)).destroy();
    assert.equal(await tables('cut'), expected, `after ${after} statements`);
  }
  await server.sql('set foreign_key_checks = 0; drop database whole; drop database cut');
});
