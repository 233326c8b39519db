import type { Migration } from '../../migrate.ts';
import { idLength } from './id-length.ts';

export const maintenance: Migration = {
  name: '006-maintenance',
  async up(db) {
    await db.schema.createTable('maintenance', (t) => {
      t.string('id', idLength).primary();
      // Null: all monitors.
      t.string('monitor_id', idLength);
      t.bigInteger('from_at').notNullable();
      t.bigInteger('to_at').notNullable();
      t.string('reason', 500).notNullable();
      t.string('added_by', 200).notNullable();
      t.bigInteger('added_at').notNullable();
      t.index(['from_at', 'id'], 'maintenance_by_time');
    });
  },
};
