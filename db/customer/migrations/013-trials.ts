import type { Migration } from '../../migrate.ts';
import { idLength } from './id-length.ts';

export const trials: Migration = {
  name: '013-trials',
  async up(db) {
    await db.schema.createTable('trials', (t) => {
      t.string('id', idLength).primary();
      t.string('sentinel_id', idLength).notNullable();
      t.string('script', 300).notNullable();
      t.text('files', 'mediumtext').notNullable();
      t.string('sha256', 64).notNullable().index('trials_by_bundle');
      t.text('bundle', 'longtext').notNullable();
      t.text('statement', 'mediumtext').notNullable();
      t.string('signature', 200).notNullable();
      t.text('settings', 'mediumtext').notNullable();
      t.string('asked_by', 200).notNullable();
      t.bigInteger('asked_at').notNullable().index('trials_by_time');
      t.bigInteger('until_at').notNullable();
      t.bigInteger('fetched_at');
      t.text('run', 'mediumtext');
      t.bigInteger('received_at');
    });
    await db.schema.createTable('trial_evidence', (t) => {
      t.string('trial_id', idLength).notNullable();
      t.integer('position').notNullable();
      t.string('kind', 20).notNullable();
      t.string('sent_sha256', 64).notNullable().index('trial_evidence_by_sent');
      t.string('stored_sha256', 64).index('trial_evidence_by_stored');
      t.string('media_type', 100).notNullable();
      t.integer('bytes').notNullable();
      t.integer('width');
      t.integer('height');
      t.primary(['trial_id', 'position']);
    });
  },
};
