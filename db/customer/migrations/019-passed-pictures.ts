import type { Migration } from '../../migrate.ts';
import { idLength } from './id-length.ts';

/** Pictures of transactions that passed. Only the last ones are kept, so they go to no archive and lie in no partition. */
export const passedPictures: Migration = {
  name: '019-passed-pictures',
  async up(db) {
    await db.schema.createTable('passed_pictures', (t) => {
      t.binary('run_id', 16).notNullable();
      t.integer('position').notNullable();
      t.integer('transaction_id').notNullable();
      t.string('sentinel_id', idLength).notNullable();
      t.string('location_id', idLength).notNullable();
      t.bigInteger('taken_at').notNullable();
      t.string('kind', 20).notNullable();
      t.string('sent_sha256', 64).notNullable().index('passed_pictures_by_sent');
      t.string('stored_sha256', 64).index('passed_pictures_by_stored');
      t.string('media_type', 100).notNullable();
      t.integer('bytes').notNullable();
      t.integer('width');
      t.integer('height');
      t.primary(['run_id', 'position']);
      t.index(['transaction_id', 'location_id', 'run_id'], 'passed_pictures_by_transaction');
    });
  },
};
