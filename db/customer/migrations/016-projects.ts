import type { Migration } from '../../migrate.ts';

export const projects: Migration = {
  name: '016-projects',
  async up(db) {
    await db.schema.alterTable('monitors', (t) => {
      t.string('project', 64);
    });
  },
};
