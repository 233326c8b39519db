import type { Migration } from '../../migrate.ts';

/** Who asks for results of a run knows its monitor and start. It was a fifth of the work of storing a run, and of its room. */
export const resultsByRun: Migration = {
  name: '018-results-by-run',
  async up(db) {
    await db.schema.alterTable('transaction_results', (t) => {
      t.dropIndex(['run_id', 'position'], 'results_by_run');
    });
  },
};
