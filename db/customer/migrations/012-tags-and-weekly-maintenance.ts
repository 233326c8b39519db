import type { Migration } from '../../migrate.ts';

export const tagsAndWeeklyMaintenance: Migration = {
  name: '012-tags-and-weekly-maintenance',
  async up(db) {
    // Null: none.
    await db.schema.alterTable('monitors', (t) => t.text('tags'));
    await db.schema.alterTable('maintenance', (t) => {
      // Null: all of the time; else these hours of each week in it.
      t.string('hours', 500);
      t.string('time_zone', 100);
    });
  },
};
