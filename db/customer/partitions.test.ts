import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { mariaDb } from '../../test/mariadb.ts';
import { isUnusable } from '../database-unusable.ts';
import { mysqlAddress, openMysql } from '../engines/mysql.ts';
import { addPartitions, partitionByMonth } from './partitions.ts';

const january = Date.UTC(2027, 0, 15);

/** A schema with the bare tables. */
async function bareTables() {
  const server = await mariaDb();
  await server.sql('create or replace database partitions');
  const others: Knex[] = [];
  const open = () => openMysql({ ...mysqlAddress(server.url), database: 'partitions' });
  const db = open();
  await db.schema.createTable('runs', (t) => t.binary('id', 16).notNullable().primary());
  for (const name of ['transaction_results', 'evidence']) {
    await db.schema.createTable(name, (t) => {
      t.integer('position').notNullable();
      t.binary('run_id', 16).notNullable();
      t.primary(['position', 'run_id']);
    });
  }
  return {
    db,
    another() {
      const other = open();
      others.push(other);
      return other;
    },
    async [Symbol.asyncDispose]() {
      for (const one of [db, ...others]) await one.destroy();
      await server.sql('drop database partitions');
      await server.close();
    },
  };
}

const runIdAt = (ms: number) => Buffer.from(`${ms.toString(16).padStart(12, '0')}7000a000000000000001`, 'hex');

async function rowsIn(db: Knex, partition: string): Promise<Buffer[]> {
  const [rows] = await db.raw(`select id from runs partition (${partition})`);
  return rows.map((row: { id: Buffer }) => row.id);
}

test('each month has a partition, and ids of clocks that are years off have their own', async () => {
  await using schema = await bareTables();
  const { db } = schema;
  await partitionByMonth(db, january);
  await partitionByMonth(db, january); // cut short after it was done, and begun again
  const inMonth = [Date.UTC(2026, 11, 31, 23, 59, 59, 999), Date.UTC(2027, 0, 1), Date.UTC(2027, 2, 31)].map(runIdAt);
  const [in1970, in2100] = [runIdAt(1000), runIdAt(Date.UTC(2100, 0))];
  await db('runs').insert([...inMonth, in1970, in2100].map((id) => ({ id })));
  const places = ['p202612', 'p202701', 'p202703', 'earlier', 'later'];
  const found = await Promise.all(places.map((name) => rowsIn(db, name)));
  assert.deepEqual(
    found,
    [...inMonth, in1970, in2100].map((id) => [id]),
  );
  await db.raw('alter table runs drop partition p202701');
  assert.equal((await db('runs')).length, 4);
});

test('months ahead are made as time goes on, once, and what lay beyond them is kept', async () => {
  await using schema = await bareTables();
  const { db } = schema;
  await partitionByMonth(db, january);
  const [inMay, in2100] = [Date.UTC(2027, 4, 2), Date.UTC(2100, 0)].map(runIdAt);
  await db('runs').insert([{ id: inMay }, { id: in2100 }]);
  assert.equal(await addPartitions(db, january), 0);
  assert.equal(await addPartitions(db, Date.UTC(2027, 2, 1)), 2 * 3); // April and May, in three tables
  assert.equal(await addPartitions(db, Date.UTC(2027, 2, 1)), 0);
  assert.deepEqual([await rowsIn(db, 'p202705'), await rowsIn(db, 'later')], [[inMay], [in2100]]);
});

test('months are found where a server answers with its own spelling of a column, as MySQL 8 does', async () => {
  await using schema = await bareTables();
  const { db } = schema;
  await partitionByMonth(db, january);
  const { client } = db;
  const query = client._query.bind(client);
  client._query = async (connection: unknown, asked: { sql: string; response?: [object[]] }) => {
    const answered = await query(connection, asked);
    const spelt = (row: object) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name === 'partition_name' ? 'PARTITION_NAME' : name, value]),
      );
    if (asked.response && /information_schema/.test(asked.sql)) asked.response[0] = asked.response[0].map(spelt);
    return answered;
  };
  assert.equal(await addPartitions(db, january), 0);
  assert.equal(await addPartitions(db, Date.UTC(2027, 1, 1)), 3);
});

test('months that can not be made while somebody reads on are given up soon: nobody who writes waits for the reader', async () => {
  await using schema = await bareTables();
  const { db } = schema;
  await partitionByMonth(db, january);
  const [reader, writer] = [schema.another(), schema.another()];
  await reader.transaction(async (trx) => {
    await trx('runs').first();
    const making = assert.rejects(addPartitions(db, Date.UTC(2027, 2, 1)), (error) => isUnusable(error));
    await writer('runs').insert({ id: runIdAt(january) });
    await making;
    await writer('runs').insert({ id: runIdAt(january + 1) });
  });
  assert.equal(await addPartitions(db, Date.UTC(2027, 2, 1)), 2 * 3);
  const [[{ timeout }]] = await db.raw('select @@session.lock_wait_timeout = @@global.lock_wait_timeout as timeout');
  assert.equal(timeout, 1);
});

test('a run is looked for in the partition of its month alone', async () => {
  await using schema = await bareTables();
  await partitionByMonth(schema.db, january);
  await schema.db('runs').insert([{ id: runIdAt(january) }, { id: runIdAt(1000) }]);
  const [plan] = await schema.db.raw('explain partitions select * from runs where id = ?', [runIdAt(january)]);
  assert.deepEqual(
    plan.map((step: { partitions: string }) => step.partitions),
    ['p202701'],
  );
});
