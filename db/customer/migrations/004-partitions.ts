import type { Migration } from '../../migrate.ts';
import { partitionByMonth } from '../partitions.ts';

export const partitions: Migration = {
  name: '004-partitions',
  up: (db) => partitionByMonth(db, Date.now()),
};
