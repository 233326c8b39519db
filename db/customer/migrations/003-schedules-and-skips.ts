import type { Knex } from 'knex';
import type { Migration } from '../../migrate.ts';
import { createClusteredTable } from '../clustered-table.ts';
import { idLength } from './id-length.ts';

export const schedulesAndSkips: Migration = {
  name: '003-schedules-and-skips',
  async up(db) {
    await addSchedules(db);
    await createSkips(db);
  },
};

/** Cron expressions, hours, requests to run now; and what held when, so that coverage of a past time is reckoned by its own schedule. */
async function addSchedules(db: Knex) {
  await db.schema.alterTable('monitors', (t) => {
    scheduleColumns(t);
    t.string('run_now_id', idLength);
    t.bigInteger('run_now_at');
  });
  await createClusteredTable(db, 'monitor_schedules', (t) => {
    t.string('monitor_id', idLength).notNullable();
    t.bigInteger('from_at').notNullable();
    t.integer('every_ms').notNullable();
    scheduleColumns(t);
    t.integer('paused').notNullable();
    t.primary(['monitor_id', 'from_at']);
  });
  const now = db('monitors').select('id', 'created_at', 'every_ms', 'paused');
  await db(db.raw('monitor_schedules (monitor_id, from_at, every_ms, paused)')).insert(now);
}

function scheduleColumns(t: Knex.CreateTableBuilder) {
  t.string('cron', 200);
  t.string('hours', 500);
  t.string('time_zone', 100);
}

async function createSkips(db: Knex) {
  await createClusteredTable(db, 'skips', (t) => {
    t.string('monitor_id', idLength).notNullable();
    t.string('sentinel_id', idLength).notNullable();
    // On the sentinel's clock, by which it names the span when it tells of it again.
    t.bigInteger('sentinel_from_at').notNullable();
    t.bigInteger('from_at').notNullable();
    t.bigInteger('to_at').notNullable();
    t.string('reason', 30).notNullable();
    t.integer('count').notNullable();
    t.bigInteger('received_at').notNullable();
    t.primary(['monitor_id', 'sentinel_id', 'sentinel_from_at']);
    t.index(['monitor_id', 'to_at'], 'skips_by_end');
  });
  // Runs that somebody asked for: they have no place on the schedule, so coverage must not take them for due ones.
  await createClusteredTable(db, 'requested_runs', (t) => {
    t.string('monitor_id', idLength).notNullable();
    t.bigInteger('started_at').notNullable();
    t.binary('run_id', 16).notNullable();
    t.string('sentinel_id', idLength).notNullable();
    t.string('request_id', idLength).notNullable();
    t.primary(['monitor_id', 'started_at', 'run_id']);
  });
}
