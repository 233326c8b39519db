import type { Migration } from '../../migrate.ts';

/**
 * One tree beside that of the runs themselves instead of two: those of a monitor at a time are asked for by each outcome. It was
 * a tenth of the work of storing a run. After the outcome its order is that of lists.
 */
export const runsByStart: Migration = {
  name: '022-runs-by-start',
  async up(db) {
    await db.schema.alterTable('runs', (t) => {
      t.index(['monitor_id', 'outcome', 'started_at', 'id', 'sentinel_id', 'counts'], 'runs_by_start');
    });
    await db.schema.alterTable('runs', (t) => {
      t.dropIndex(['monitor_id', 'outcome', 'started_at', 'sentinel_id', 'counts'], 'runs_by_outcome');
      t.dropIndex(['monitor_id', 'started_at'], 'runs_by_monitor');
    });
  },
};
