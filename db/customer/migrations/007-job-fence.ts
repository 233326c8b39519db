import type { Migration } from '../../migrate.ts';

export const jobFence: Migration = {
  name: '007-job-fence',
  async up(db) {
    await db.schema.createTable('job_fence', (t) => {
      t.integer('id').primary();
      t.bigInteger('fence').notNullable();
    });
  },
};
