import type { DatabaseSync } from 'node:sqlite';

/** Does `work` in one transaction: all of it is done afterwards, or none and it throws. */
export function transaction<T>(db: DatabaseSync, work: (db: DatabaseSync) => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work(db);
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
