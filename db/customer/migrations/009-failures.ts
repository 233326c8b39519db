import type { Knex } from 'knex';
import type { Migration } from '../../migrate.ts';
import { createClusteredTable } from '../clustered-table.ts';
import { idLength } from './id-length.ts';

export const failures: Migration = {
  name: '009-failures',
  async up(db) {
    await db.schema.createTable('failure_groups', (t) => {
      t.increments('id');
      t.string('monitor_id', idLength).notNullable();
      // 0: outside any.
      t.integer('transaction_id').notNullable();
      t.string('code', 30).notNullable();
      t.string('message', 500).notNullable();
      t.binary('signature', 32).notNullable();
      t.unique(['monitor_id', 'transaction_id', 'signature'], { indexName: 'failure_groups_by_signature' });
    });
    await createClusteredTable(db, 'failure_hours', (t) => {
      t.bigInteger('hour').notNullable();
      t.string('monitor_id', idLength).notNullable();
      t.string('sentinel_id', idLength).notNullable();
      t.string('location_id', idLength).notNullable();
      t.integer('group_id').notNullable();
      t.integer('count').notNullable();
      t.bigInteger('first_at').notNullable();
      t.bigInteger('last_at').notNullable();
      t.binary('runs').notNullable();
      t.primary(['hour', 'monitor_id', 'sentinel_id', 'group_id', 'location_id']);
      t.index(['group_id', 'hour'], 'failure_hours_by_group');
    });
    await markHoursWithFailures(db);
  },
};

/** The job finds their groups, the newest first; nothing waits for it. */
async function markHoursWithFailures(db: Knex) {
  const marked = db('dirty_hours as marked').whereRaw(
    'marked.hour = rollups.hour and marked.monitor_id = rollups.monitor_id and marked.sentinel_id = rollups.sentinel_id',
  );
  const hours = db('rollups')
    .where('transaction_id', 0)
    .whereRaw('failed + errored > 0')
    .whereNotExists(marked)
    .distinct('hour', 'monitor_id', 'sentinel_id')
    .select(db.raw('1'));
  await db(db.raw('dirty_hours (hour, monitor_id, sentinel_id, marks)')).insert(hours);
}
