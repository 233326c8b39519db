import type { Migration } from '../../migrate.ts';
import { idLength } from './id-length.ts';

export const targets: Migration = {
  name: '015-targets',
  async up(db) {
    await db.schema.createTable('targets', (t) => {
      t.string('monitor_id', idLength).notNullable();
      // 0: whole runs.
      t.integer('transaction_id').notNullable();
      t.string('hours', 10).notNullable();
      t.integer('availability_ppm');
      t.bigInteger('p95_us');
      t.string('changed_by', 200).notNullable();
      t.bigInteger('changed_at').notNullable();
      t.primary(['monitor_id', 'transaction_id']);
    });
    await db.schema.createTable('report_logo', (t) => {
      t.integer('id').primary();
      t.binary('content').notNullable();
    });
  },
};
