import type { Knex } from 'knex';
import type { Migration } from '../../migrate.ts';
import { createClusteredTable } from '../clustered-table.ts';

export const retriesDetailsPolicies: Migration = {
  name: '002-retries-details-policies',
  async up(db) {
    await addRetries(db);
    await createRunDetails(db);
    await db.schema.alterTable('monitors', (t) => {
      t.text('policy', 'mediumtext');
    });
  },
};

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
