import type { Migration } from '../../migrate.ts';

/** Nobody asks for runs by it: those of a sentinel are asked for by their outcome. It was a tenth of the work of storing a run. */
export const runsBySentinel: Migration = {
  name: '011-runs-by-sentinel',
  async up(db) {
    await db.schema.alterTable('runs', (t) => {
      t.dropIndex(['monitor_id', 'sentinel_id', 'started_at'], 'runs_by_sentinel');
    });
  },
};
