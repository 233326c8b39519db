import type { Knex } from 'knex';
import { createAuditTable, indexAuditTable } from '../audit-table.ts';
import type { Migration } from '../migrate.ts';

/** The registry's schema. */
export const registryMigrations: readonly Migration[] = [
  {
    name: '0001 customers, users and sentinel keys',
    async up(db) {
      await customersAndUsers(db);
      await sessions(db);
      await enrolment(db);
      await createAuditTable(db);
      await leases(db);
    },
  },
  {
    name: '0002 changes of what sentinels are to do',
    async up(db) {
      await db.schema.createTable('assignment_changes', (t) => {
        t.bigIncrements('id');
        t.string('customer_id', 36).nullable();
        t.bigInteger('at').notNullable().index();
      });
    },
  },
  {
    name: '0003 who made a code, and who holds a key',
    async up(db) {
      await db.schema.alterTable('enrolment_codes', (t) => {
        t.string('prefix', 16).nullable();
        t.integer('uses').nullable();
        t.string('added_by', 200).nullable();
        t.bigInteger('withdrawn_at').nullable();
      });
      await db.schema.alterTable('sentinel_keys', (t) => {
        t.text('holder', 'mediumtext').nullable();
      });
    },
  },
  {
    name: '0004 sentinels that retire',
    async up(db) {
      for (const table of ['enrolment_codes', 'sentinel_keys']) {
        await db.schema.alterTable(table, (t) => {
          t.bigInteger('retire_after_ms').nullable();
        });
      }
    },
  },
  {
    name: '0005 customers that are suspended',
    async up(db) {
      await db.schema.alterTable('customers', (t) => {
        t.bigInteger('suspended_at').nullable();
        t.string('suspended_why', 300).nullable();
      });
    },
  },
  {
    name: '0006 where databases are',
    async up(db) {
      await db.schema.createTable('database_servers', (t) => {
        t.string('name', 100).primary();
        t.string('address', 300).notNullable();
        t.text('sealed', 'mediumtext').notNullable();
        t.bigInteger('created_at').notNullable();
      });
      await db.schema.alterTable('customers', (t) => {
        t.string('database_server', 100).nullable();
        t.text('connection', 'mediumtext').nullable();
        t.integer('schema_version').nullable();
      });
    },
  },
  {
    name: '0007 erasures',
    async up(db) {
      await db.schema.createTable('erasures', (t) => {
        t.string('id', 36).primary();
        t.string('name', 200).notNullable();
        t.string('engine', 16).notNullable();
        t.string('database_server', 100).nullable();
        t.text('connection', 'mediumtext').nullable();
        t.bigInteger('began_at').notNullable();
        t.bigInteger('ended_at').nullable();
        t.text('receipt', 'mediumtext').notNullable();
      });
    },
  },
  {
    name: '0008 business hours',
    async up(db) {
      await db.schema.alterTable('customers', (t) => {
        t.string('business_hours', 500).nullable();
      });
    },
  },
  {
    name: '0009 customers with fresh runs',
    async up(db) {
      await db.schema.createTable('fresh_runs', (t) => {
        t.string('customer_id', 36).primary();
        t.integer('marks').notNullable();
      });
    },
  },
  { name: '0010 audit by person and action', up: indexAuditTable },
  {
    name: '0011 operators inside customers, and tokens',
    async up(db) {
      await grants(db);
      await tokens(db);
    },
  },
  {
    name: '0012 second factors, links, known devices',
    async up(db) {
      await accountsOfUsers(db);
      await linksAndDevices(db);
    },
  },
  {
    name: '0013 archive',
    async up(db) {
      await archive(db);
    },
  },
  {
    name: '0014 keys that wait for their keeper, months that are wanted back, hours that go',
    async up(db) {
      await db.schema.alterTable('archive_keys', (t) => {
        t.text('waiting', 'mediumtext').nullable();
      });
      await db.schema.alterTable('customers', (t) => {
        t.integer('archive_hour_months').nullable();
      });
      await archiveRestores(db);
    },
  },
  {
    name: '0015 tags of sentinels to come',
    async up(db) {
      await db.schema.alterTable('enrolment_codes', (t) => {
        t.text('tags').nullable();
      });
    },
  },
  {
    name: '0016 customers with more evidence than they may have',
    async up(db) {
      await db.schema.createTable('evidence_beyond_quota', (t) => {
        t.string('customer_id', 36).primary();
      });
    },
  },
];

async function archiveRestores(db: Knex): Promise<void> {
  await db.schema.createTable('archive_restores', (t) => {
    t.string('id', 36).primary();
    t.string('customer_id', 36).notNullable();
    t.bigInteger('from_at').notNullable();
    t.bigInteger('until_at').notNullable();
    t.bigInteger('asked_at').notNullable();
    t.string('asked_by', 200).notNullable();
    t.text('identity', 'mediumtext').nullable();
    t.text('fault').nullable();
    t.unique(['customer_id', 'from_at'], { indexName: 'archive_restores_by_month' });
  });
}

async function archive(db: Knex): Promise<void> {
  await db.schema.createTable('archive_keys', (t) => {
    t.string('recipient', 200).notNullable();
    t.string('customer_id', 36).notNullable();
    t.string('name', 100).notNullable();
    t.string('added_by', 200).notNullable();
    t.bigInteger('created_at').notNullable();
    t.bigInteger('retired_at').nullable();
    t.text('identity', 'mediumtext').nullable();
    t.primary(['customer_id', 'recipient']);
  });
  await db.schema.alterTable('customers', (t) => {
    t.integer('archive_months_live').nullable();
    t.integer('archive_erase_months').nullable();
  });
}

async function grants(db: Knex): Promise<void> {
  await db.schema.createTable('operator_grants', (t) => {
    t.string('id', 36).primary();
    t.string('operator_id', 36).notNullable();
    t.string('customer_id', 36).notNullable();
    t.string('reason', 500).notNullable();
    t.string('ticket', 100).nullable();
    t.integer('may_change').notNullable();
    t.bigInteger('began_at').notNullable();
    t.bigInteger('ends_at').notNullable();
    t.bigInteger('ended_at').nullable();
    t.index(['operator_id', 'customer_id', 'ends_at']);
  });
}

async function tokens(db: Knex): Promise<void> {
  await db.schema.createTable('tokens', (t) => {
    t.string('id', 36).primary();
    t.string('token_hash', 64).notNullable().unique();
    t.string('start', 16).notNullable();
    t.string('customer_id', 36).notNullable().index();
    t.string('name', 100).notNullable();
    t.string('scope', 1000).notNullable();
    t.string('user_id', 36).nullable();
    t.string('added_by', 200).notNullable();
    t.bigInteger('created_at').notNullable();
    t.bigInteger('expires_at').notNullable();
    t.bigInteger('revoked_at').nullable();
    t.bigInteger('last_used_at').nullable();
    t.string('last_used_from', 64).nullable();
  });
}

async function customersAndUsers(db: Knex): Promise<void> {
  await db.schema.createTable('customers', (t) => {
    t.string('id', 36).primary();
    t.string('name', 200).notNullable().unique();
    t.string('time_zone', 64).notNullable();
    t.string('engine', 16).notNullable();
    t.bigInteger('created_at').notNullable();
  });
  await db.schema.createTable('users', (t) => {
    t.string('id', 36).primary();
    t.string('name', 200).notNullable().unique();
    t.string('role', 16).notNullable();
    t.string('customer_id', 36).nullable().references('customers.id').index();
    t.string('password_hash', 100).notNullable();
    t.bigInteger('created_at').notNullable();
  });
}

async function sessions(db: Knex): Promise<void> {
  await db.schema.createTable('sessions', (t) => {
    t.string('token_hash', 64).primary();
    t.string('user_id', 36).notNullable().references('users.id').index();
    t.string('csrf_token', 64).notNullable();
    t.bigInteger('created_at').notNullable();
    t.bigInteger('last_seen_at').notNullable().index();
  });
  await db.schema.createTable('sign_in_failures', (t) => {
    t.string('account', 200).notNullable();
    t.string('source', 64).notNullable();
    t.integer('failures').notNullable();
    t.bigInteger('last_at').notNullable().index();
    t.bigInteger('locked_until').notNullable();
    t.primary(['account', 'source']);
  });
}

async function enrolment(db: Knex): Promise<void> {
  await db.schema.createTable('enrolment_codes', (t) => {
    t.string('code_hash', 64).primary();
    t.string('customer_id', 36).notNullable().references('customers.id').index();
    t.string('location', 200).notNullable();
    t.integer('uses_left').notNullable();
    t.bigInteger('expires_at').notNullable();
    t.bigInteger('created_at').notNullable();
  });
  await db.schema.createTable('sentinel_keys', (t) => {
    t.string('key_hash', 64).primary();
    t.string('sentinel_id', 36).notNullable().index();
    t.string('customer_id', 36).notNullable().references('customers.id').index();
    t.bigInteger('created_at').notNullable();
    t.bigInteger('revoked_at').nullable();
  });
}

async function leases(db: Knex): Promise<void> {
  await db.schema.createTable('leases', (t) => {
    t.string('name', 50).primary();
    t.string('holder', 64).notNullable();
    t.integer('fence').notNullable();
    t.bigInteger('expires_at').notNullable();
  });
}

async function accountsOfUsers(db: Knex): Promise<void> {
  await db.schema.alterTable('users', (t) => {
    t.bigInteger('password_changed_at').nullable();
    t.text('earlier_hashes', 'mediumtext').nullable();
    t.bigInteger('change_demanded_at').nullable();
    t.bigInteger('disabled_at').nullable();
    t.bigInteger('last_sign_in_at').nullable();
    t.text('second_factor', 'mediumtext').nullable();
    t.bigInteger('second_factor_step').nullable();
    t.text('recovery_hashes', 'mediumtext').nullable();
  });
  await db('users').update({ password_changed_at: db.ref('created_at') });
  await db.schema.alterTable('sessions', (t) => {
    t.string('id', 36).nullable();
    t.string('source', 64).nullable();
    t.string('browser', 300).nullable();
    t.text('new_factor', 'mediumtext').nullable();
  });
  await db.schema.alterTable('customers', (t) => {
    t.string('password_renewal', 32).nullable();
  });
}

async function linksAndDevices(db: Knex): Promise<void> {
  await db.schema.createTable('user_links', (t) => {
    t.string('token_hash', 64).primary();
    t.string('user_id', 36).notNullable().references('users.id').index();
    t.string('purpose', 16).notNullable();
    t.bigInteger('expires_at').notNullable();
  });
  await db.schema.createTable('known_devices', (t) => {
    t.string('token_hash', 64).notNullable();
    t.string('user_id', 36).notNullable().references('users.id').index();
    t.bigInteger('seen_at').notNullable().index();
    t.primary(['token_hash', 'user_id']);
  });
}
