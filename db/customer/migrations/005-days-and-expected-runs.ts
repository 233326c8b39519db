import type { Knex } from 'knex';
import type { Migration } from '../../migrate.ts';
import { createClusteredTable } from '../clustered-table.ts';
import { idLength } from './id-length.ts';

export const daysAndExpectedRuns: Migration = {
  name: '005-days-and-expected-runs',
  async up(db) {
    await addExpectedRuns(db);
    await createDays(db);
    await createCalendar(db);
    await markAllDirty(db);
  },
};

/** On the rows of whole runs. An hour that is closed has a row as soon as something was expected in it. */
async function addExpectedRuns(db: Knex) {
  await db.schema.alterTable('rollups', (t) => {
    t.integer('expected').notNullable().defaultTo(0);
    t.integer('requested').notNullable().defaultTo(0);
    t.text('told');
  });
  await createClusteredTable(db, 'closed_hours', (t) => {
    t.string('monitor_id', idLength).notNullable().primary();
    t.bigInteger('until').notNullable();
  });
}

async function createDays(db: Knex) {
  await createClusteredTable(db, 'day_rollups', (t) => {
    t.string('monitor_id', idLength).notNullable();
    t.string('scope', 10).notNullable();
    t.integer('business').notNullable();
    t.integer('transaction_id').notNullable();
    t.bigInteger('day').notNullable();
    t.string('place', idLength).notNullable();
    for (const outcome of ['passed', 'failed', 'errored', 'skipped']) t.integer(outcome).notNullable();
    t.text('codes').notNullable();
    t.integer('count').notNullable();
    t.bigInteger('sum_us').notNullable();
    t.bigInteger('min_us');
    t.bigInteger('max_us');
    t.binary('sketch').notNullable();
    t.text('told');
    t.integer('lost').notNullable();
    t.primary(['monitor_id', 'scope', 'business', 'transaction_id', 'day', 'place']);
  });
}

async function createCalendar(db: Knex) {
  await db.schema.createTable('calendar', (t) => {
    t.integer('id').primary();
    t.string('time_zone', 100).notNullable();
    t.string('business_hours', 500).notNullable();
  });
}

/** So that hours from before the first schedule, of clocks that were off, get their days too. */
async function markAllDirty(db: Knex) {
  const marked = db('dirty_hours as marked').whereRaw(
    'marked.hour = rollups.hour and marked.monitor_id = rollups.monitor_id and marked.sentinel_id = rollups.sentinel_id',
  );
  const hours = db('rollups').whereNotExists(marked).distinct('hour', 'monitor_id', 'sentinel_id').select(db.raw('1'));
  await db(db.raw('dirty_hours (hour, monitor_id, sentinel_id, marks)')).insert(hours);
}
