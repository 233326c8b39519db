import type { Migration } from '../../migrate.ts';
import { createClusteredTable } from '../clustered-table.ts';
import { idLength } from './id-length.ts';

export const archive: Migration = {
  name: '014-archive',
  async up(db) {
    await createClusteredTable(db, 'archive_months', (t) => {
      t.bigInteger('from_at').notNullable();
      t.integer('part').notNullable();
      t.string('state', 10).notNullable();
      t.string('attempt', 20).notNullable();
      t.bigInteger('closed_at').notNullable();
      t.bigInteger('sealed_at');
      t.bigInteger('removed_at');
      t.string('folder', 100);
      t.text('manifest', 'mediumtext');
      t.text('seal', 'mediumtext');
      t.bigInteger('verified_at');
      t.text('fault');
      t.primary(['from_at', 'part']);
    });
    await createClusteredTable(db, 'archived_runs', (t) => {
      t.bigInteger('hour').notNullable();
      t.integer('part').notNullable();
      t.binary('ids').notNullable();
      t.primary(['hour', 'part']);
    });
    await createClusteredTable(db, 'late_runs', (t) => {
      t.binary('id', 16).notNullable().primary();
      t.bigInteger('from_at').notNullable();
      // 0: of no supplement yet.
      t.integer('part').notNullable();
      t.binary('content_hash', 32).notNullable();
      t.text('content', 'mediumtext').notNullable();
      t.index(['from_at', 'part'], 'late_runs_by_month');
    });
    await createClusteredTable(db, 'sealed_hours', (t) => {
      t.string('monitor_id', idLength).notNullable();
      t.bigInteger('hour').notNullable();
      t.string('sentinel_id', idLength).notNullable();
      t.primary(['monitor_id', 'hour', 'sentinel_id']);
    });
  },
};
