import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { mariaDb } from '../../test/mariadb.ts';
import { customerMigrations } from '../customer/migrations.ts';
import { mysqlAddress } from '../engines/mysql.ts';
import { type DatabaseAddress, openDatabase } from '../open-database.ts';
import { registryMigrations } from '../registry/migrations.ts';

/*
 * Databases as earlier versions left them, dumped once and never edited: on SQLite before there was MariaDB (three steps
 * each), on MariaDB as it first was. Each comes out as a new one does, with its rows.
 */

const dump = (name: string) => readFileSync(new URL(`${name}.sql`, import.meta.url), 'utf8');
const kinds = { registry: registryMigrations, customer: customerMigrations };

async function openAndCompare(kind: keyof typeof kinds, earlier: DatabaseAddress, fresh: DatabaseAddress) {
  const [old, made] = [await openDatabase(earlier, kinds[kind]), await openDatabase(fresh, kinds[kind])];
  try {
    assert.deepEqual(await shapeOf(old), await shapeOf(made));
    await (kind === 'customer' ? expectRuns(old) : expectCustomer(old));
  } finally {
    await old.destroy();
    await made.destroy();
  }
}

/** Tables, columns and indexes, in any order: an older database has had some of them added. */
async function shapeOf(db: Knex): Promise<string[]> {
  if (db.client.dialect === 'mysql') {
    const [columns] = await db.raw(
      'select table_name as t, column_name as c, column_type as type, is_nullable as n from information_schema.columns where table_schema = database()',
    );
    const [indexes] = await db.raw(
      'select table_name as t, index_name as i, seq_in_index as s, column_name as c from information_schema.statistics where table_schema = database()',
    );
    return [...columns, ...indexes].map((row) => JSON.stringify(row)).toSorted();
  }
  const rows: { name: string }[] = await db.raw(
    `select t.name as t, c.name as c, c.type, c."notnull" as n, c.pk from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table'
     union all select t.name, i.name, x.name, x.seqno, i."unique" from sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) x where t.type = 'table'`,
  );
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

async function expectRuns(db: Knex): Promise<void> {
  assert.deepEqual(await db('runs').orderBy('started_at').pluck('outcome'), ['passed', 'failed']);
  assert.deepEqual(await db('monitors').pluck('name'), ['Wéb shop 🔑']);
  const { id: monitor_id, created_at: from_at } = await db('monitors').first('id', 'created_at');
  const given = await db('monitor_sentinels').pluck('sentinel_id');
  assert.deepEqual(
    await db('assignment_eras').orderBy('sentinel_id'),
    (given.length > 0 ? given.toSorted() : ['']).map((sentinel_id) => ({
      ...{ monitor_id, sentinel_id, from_at },
      to_at: 8.64e15,
    })),
  );
  assert.deepEqual(await db('transactions').orderBy('id').pluck('name'), ['Open', 'Login']);
  assert.equal((await db('rollups').where({ transaction_id: 0 }).first('passed')).passed, 1);
  assert.equal((await db('transaction_results')).length, 4);
}

async function expectCustomer(db: Knex): Promise<void> {
  assert.deepEqual(await db('customers').pluck('name'), ['Alice Ltd']);
  assert.deepEqual(await db('enrolment_codes').pluck('location'), ['Utrecht']);
}

for (const kind of ['registry', 'customer'] as const) {
  test(`on SQLite, a database of an earlier version goes on: ${kind}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-earlier-'));
    const file = join(folder, 'earlier.sqlite');
    const earlier = new DatabaseSync(file);
    earlier.exec(dump(`${kind}-sqlite`));
    earlier.close();
    await openAndCompare(kind, file, join(folder, 'fresh.sqlite'));
    rmSync(folder, { recursive: true });
  });

  test(`on MariaDB, a database of an earlier version goes on: ${kind}`, async () => {
    await using server = await mariaDb();
    const [earlier, fresh] = [`earlier_${kind}`, `fresh_${kind}`];
    for (const name of [earlier, fresh])
      await server.sql(`set foreign_key_checks = 0; drop database if exists ${name}; create database ${name}`);
    await server.sql(`use ${earlier}; ${dump(`${kind}-mariadb`)}`);
    const at = mysqlAddress(server.url);
    await openAndCompare(kind, { ...at, database: earlier }, { ...at, database: fresh });
    for (const name of [earlier, fresh]) await server.sql(`set foreign_key_checks = 0; drop database ${name}`);
  });
}
