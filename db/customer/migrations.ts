import type { Knex } from 'knex';
import { createAuditTable } from '../audit-table.ts';
import type { Migration } from '../migrate.ts';
import { createClusteredTable } from './clustered-table.ts';

/*
 * The schema of one customer's database. Instants are ms since 1970 in UTC, durations µs, all integers; ids of runs are
 * UUIDv7 as 16 bytes, so that their order is the order of time. Tables that months will be dropped from carry no foreign
 * keys: a partitioned table may not have any.
 */

/** Forward only; a released one is never edited. */
export const customerMigrations: readonly Migration[] = [
  {
    name: '001-first-tables',
    async up(db) {
      await createSentinels(db);
      await createScripts(db);
      await createMonitors(db);
      await createRuns(db);
      await createRejections(db);
      await createRollups(db);
      await createAuditTable(db);
    },
  },
  {
    name: '002-retries-details-policies',
    async up(db) {
      await addRetries(db);
      await createRunDetails(db);
      await db.schema.alterTable('monitors', (t) => {
        t.text('policy', 'mediumtext');
      });
    },
  },
  {
    name: '003-schedules-and-skips',
    async up(db) {
      await addSchedules(db);
      await createSkips(db);
    },
  },
];

const idLength = 36;

async function createSentinels(db: Knex) {
  await db.schema.createTable('locations', (t) => {
    t.string('id', idLength).primary();
    t.string('name', 200).notNullable().unique();
  });
  await db.schema.createTable('sentinels', (t) => {
    t.string('id', idLength).primary();
    t.string('name', 200).notNullable();
    t.string('location_id', idLength).notNullable().references('locations.id');
    t.string('platform', 50).notNullable();
    t.string('version', 50).notNullable();
    t.bigInteger('enrolled_at').notNullable();
    t.bigInteger('last_seen_at');
    t.string('boot_id', 100);
    t.bigInteger('counter');
    t.text('heartbeat', 'mediumtext');
    t.bigInteger('revoked_at');
  });
}

async function createScripts(db: Knex) {
  await db.schema.createTable('scripts', (t) => {
    t.string('id', idLength).primary();
    t.string('name', 300).notNullable().unique();
  });
  await db.schema.createTable('script_versions', (t) => {
    t.string('script_id', idLength).notNullable().references('scripts.id');
    t.integer('version').notNullable();
    // Not unique: going back to an earlier text publishes the same bundle under a new version.
    t.string('sha256', 64).notNullable().index();
    t.text('statement', 'mediumtext').notNullable();
    t.string('signature', 200).notNullable();
    t.text('bundle', 'longtext').notNullable();
    t.bigInteger('created_at').notNullable();
    t.string('author', 200).notNullable();
    t.primary(['script_id', 'version']);
  });
}

async function createMonitors(db: Knex) {
  await db.schema.createTable('monitors', (t) => {
    t.string('id', idLength).primary();
    t.string('name', 200).notNullable().unique();
    t.string('script_id', idLength).notNullable().references('scripts.id');
    t.integer('script_version').notNullable();
    t.integer('every_ms').notNullable();
    t.integer('timeout_ms').notNullable();
    for (const json of ['use', 'variables', 'secrets', 'mask_selectors']) t.text(json, 'mediumtext').notNullable();
    t.text('thresholds', 'mediumtext');
    t.integer('paused').notNullable().defaultTo(0);
    t.bigInteger('created_at').notNullable();
  });
  await db.schema.createTable('monitor_sentinels', (t) => {
    t.string('monitor_id', idLength).notNullable().references('monitors.id');
    t.string('sentinel_id', idLength).notNullable().references('sentinels.id');
    t.primary(['monitor_id', 'sentinel_id']);
  });
}

async function createRuns(db: Knex) {
  await db.schema.createTable('transactions', (t) => {
    t.increments('id');
    t.string('monitor_id', idLength).notNullable();
    t.string('name', 500).notNullable();
    // Where it stood in the run that first brought it: reports list transactions in the script's order.
    t.integer('position').notNullable();
    t.unique(['monitor_id', 'name']);
  });
  await createClusteredTable(db, 'runs', (t) => {
    t.binary('id', 16).notNullable().primary();
    t.string('monitor_id', idLength).notNullable();
    t.string('sentinel_id', idLength).notNullable();
    t.string('location_id', idLength).notNullable();
    t.string('script_sha256', 64).notNullable();
    t.integer('script_version').notNullable();
    t.bigInteger('due_at').notNullable();
    t.bigInteger('started_at').notNullable();
    t.bigInteger('sentinel_started_at').notNullable();
    t.bigInteger('received_at').notNullable();
    t.bigInteger('clock_offset_ms');
    t.bigInteger('duration_us').notNullable();
    outcomeColumns(t);
    t.string('evidence_missing', 500);
    t.integer('sandbox_level');
    t.string('browser', 200);
    t.binary('content_hash', 32).notNullable();
    t.index(['monitor_id', 'started_at'], 'runs_by_monitor');
    t.index(['monitor_id', 'sentinel_id', 'started_at'], 'runs_by_sentinel');
    t.index(['monitor_id', 'outcome', 'started_at', 'sentinel_id'], 'runs_by_outcome');
  });
  // No monitor here: a transaction belongs to one, and 36 bytes a row would be the larger half of the key.
  await createClusteredTable(db, 'transaction_results', (t) => {
    t.integer('transaction_id').notNullable();
    t.bigInteger('started_at').notNullable();
    t.binary('run_id', 16).notNullable();
    t.integer('position').notNullable();
    t.bigInteger('start_us').notNullable();
    t.bigInteger('duration_us').notNullable();
    t.bigInteger('response_us');
    outcomeColumns(t);
    t.primary(['transaction_id', 'started_at', 'run_id', 'position']);
    t.index(['run_id', 'position'], 'results_by_run');
  });
  await createClusteredTable(db, 'evidence', (t) => {
    t.binary('run_id', 16).notNullable();
    t.integer('position').notNullable();
    t.string('kind', 20).notNullable();
    t.string('sent_sha256', 64).notNullable().index('evidence_by_sent');
    t.string('stored_sha256', 64).index('evidence_by_stored');
    t.string('media_type', 100).notNullable();
    t.integer('bytes').notNullable();
    t.integer('width');
    t.integer('height');
    t.primary(['run_id', 'position']);
  });
}

function outcomeColumns(t: Knex.CreateTableBuilder) {
  t.string('outcome', 10).notNullable();
  t.string('error_code', 30);
  t.text('error_message', 'mediumtext');
  t.text('error_location');
  t.string('reason', 500);
}

async function createRejections(db: Knex) {
  await createClusteredTable(db, 'rejected_runs', (t) => {
    t.string('sentinel_id', idLength).notNullable();
    t.binary('run_id', 16).notNullable();
    t.bigInteger('at').notNullable();
    t.string('reason', 500).notNullable();
    t.primary(['sentinel_id', 'run_id']);
  });
}

async function createRollups(db: Knex) {
  await createClusteredTable(db, 'dirty_hours', (t) => {
    t.bigInteger('hour').notNullable();
    t.string('monitor_id', idLength).notNullable();
    t.string('sentinel_id', idLength).notNullable();
    // Rises with every batch that touches the hour, so that a mark set while the hour is recomputed is not taken off.
    t.integer('marks').notNullable();
    t.primary(['hour', 'monitor_id', 'sentinel_id']);
  });
  await createClusteredTable(db, 'rollups', (t) => {
    t.string('monitor_id', idLength).notNullable();
    t.bigInteger('hour').notNullable();
    // 0 is the whole run.
    t.integer('transaction_id').notNullable();
    t.string('sentinel_id', idLength).notNullable();
    // In the key, because a sentinel can move within the hour.
    t.string('location_id', idLength).notNullable();
    for (const outcome of ['passed', 'failed', 'errored', 'skipped']) t.integer(outcome).notNullable();
    t.text('codes').notNullable();
    t.integer('count').notNullable();
    t.bigInteger('sum_us').notNullable();
    t.bigInteger('min_us');
    t.bigInteger('max_us');
    t.binary('sketch').notNullable();
    t.primary(['monitor_id', 'hour', 'transaction_id', 'sentinel_id', 'location_id']);
  });
}

async function addRetries(db: Knex) {
  await db.schema.alterTable('runs', (t) => {
    t.binary('retry_of', 16);
    t.binary('retried_by', 16);
    // 0 where another run counts in its place.
    t.integer('counts').notNullable().defaultTo(1);
    t.dropIndex(['monitor_id', 'outcome', 'started_at', 'sentinel_id'], 'runs_by_outcome');
    t.index(['monitor_id', 'outcome', 'started_at', 'sentinel_id', 'counts'], 'runs_by_outcome');
  });
}

/** What is looked at on a run's own page alone; beside the runs, so that lists and rollups don't read past it. */
async function createRunDetails(db: Knex) {
  await createClusteredTable(db, 'run_details', (t) => {
    t.binary('run_id', 16).notNullable().primary();
    t.text('facts', 'mediumtext').notNullable();
  });
}

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
