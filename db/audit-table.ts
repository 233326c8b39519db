import type { Knex } from 'knex';

/** One entry of the audit trail; the registry and every customer have a trail of their own. */
export interface AuditRow {
  position: number;
  /** ms since 1970 */
  at: number;
  /** Who did it: a user's name, `sentinel NAME`, or `command line`. */
  actor: string;
  action: string;
  subject: string;
  /** JSON */
  detail: string;
  previous_hash: string;
  hash: string;
}

/** Makes the table `audit`, the same in every database. */
export async function createAuditTable(db: Knex): Promise<void> {
  await db.schema.createTable('audit', (t) => {
    t.integer('position').primary();
    t.bigInteger('at').notNullable();
    t.string('actor', 200).notNullable();
    t.string('action', 50).notNullable();
    t.string('subject', 300).notNullable();
    t.text('detail').notNullable();
    t.string('previous_hash', 64).notNullable();
    t.string('hash', 64).notNullable();
  });
}
