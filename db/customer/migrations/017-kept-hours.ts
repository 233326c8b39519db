import type { Migration } from '../../migrate.ts';
import { createClusteredTable } from '../clustered-table.ts';
import { idLength } from './id-length.ts';

export const keptHours: Migration = {
  name: '017-kept-hours',
  async up(db) {
    await createClusteredTable(db, 'kept_hours', (t) => {
      t.string('monitor_id', idLength).notNullable().primary();
      t.bigInteger('from_at').notNullable();
    });
  },
};
