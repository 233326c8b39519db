import type { Knex } from 'knex';
import { createAuditTable } from '../../audit-table.ts';
import type { Migration } from '../../migrate.ts';
import { createClusteredTable } from '../clustered-table.ts';
import { idLength } from './id-length.ts';

export const firstTables: Migration = {
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
};

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
