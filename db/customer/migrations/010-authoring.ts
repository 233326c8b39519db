import type { Migration } from '../../migrate.ts';

export const authoring: Migration = {
  name: '010-authoring',
  async up(db) {
    await db.schema.alterTable('script_versions', (t) => {
      t.string('message', 500);
      t.text('files', 'mediumtext');
    });
    await db.schema.alterTable('monitors', (t) => {
      t.string('managed_by', 100);
      t.text('chosen_by');
      t.bigInteger('retired_at');
    });
    await db.schema.alterTable('sentinels', (t) => {
      t.text('tags');
    });
    await db.schema.createTable('author_keys', (t) => {
      t.string('id', 16).primary();
      t.string('public_key', 500).notNullable();
      t.string('name', 200).notNullable();
      t.string('added_by', 200).notNullable();
      t.bigInteger('added_at').notNullable();
      t.bigInteger('revoked_at');
    });
  },
};
