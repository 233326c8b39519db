import type { Knex } from 'knex';

/** One entry of the audit trail; the registry and every customer's database have a trail of their own. */
export interface AuditRow {
  id: number;
  /** ms since 1970 */
  at: number;
  actor_kind: 'user' | 'operator' | 'token' | 'sentinel' | 'server';
  actor_id: string | null;
  actor_name: string | null;
  action: string;
  subject: string | null;
  /** JSON */
  detail: string | null;
  /** Hash of the entry before; of the first, 64 zeros. */
  previous_hash: string;
  hash: string;
}

/** Makes the table `audit`, the same in every database. */
export async function createAuditTable(db: Knex): Promise<void> {
  await db.schema.createTable('audit', (t) => {
    t.integer('id').primary();
    t.bigInteger('at').notNullable().index();
    t.string('actor_kind', 20).notNullable();
    t.string('actor_id', 100);
    t.string('actor_name', 200);
    t.string('action', 100).notNullable();
    t.string('subject', 300);
    t.text('detail', 'mediumtext');
    t.string('previous_hash', 64).notNullable();
    t.string('hash', 64).notNullable();
  });
}

/** So that what one person did, or one kind of action, is found without reading the whole trail. */
export async function indexAuditTable(db: Knex): Promise<void> {
  await db.schema.alterTable('audit', (t) => {
    t.index(['actor_name', 'id']);
    t.index(['action', 'id']);
  });
}
