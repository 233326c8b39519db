import type { Knex } from 'knex';

/** One step of a schema. A released step is never edited: its successor repairs it. */
export interface Migration {
  name: string;
  up(db: Knex): Promise<void>;
}

/** The database was written by a newer program, which this one would harm. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

const table = 'schema_steps';

/**
 * Brings the schema to the last of `steps`, forward only. A step and its record are one transaction, so a crash leaves
 * either both or none, and two programs starting together apply each step once. Throws `SchemaTooNew`.
 */
export async function migrate(db: Knex, steps: readonly Migration[]): Promise<void> {
  await db.raw(`create table if not exists ${table} (position integer primary key, name varchar(200) not null)`);
  if ((await knownVersion(db, steps)) === steps.length) return;
  for (const [index, step] of steps.entries()) {
    await db.transaction(async (trx) => {
      if ((await knownVersion(trx, steps)) > index) return;
      await step.up(trx);
      await trx(table).insert({ position: index + 1, name: step.name });
    });
  }
}

/** How many steps the database has; throws if one of them isn't ours. */
async function knownVersion(db: Knex, steps: readonly Migration[]): Promise<number> {
  const applied: { name: string }[] = await db(table).select('name').orderBy('position');
  const foreign = applied.find((row, index) => steps[index]?.name !== row.name);
  if (foreign) {
    throw new SchemaTooNew(
      `the database was last used by another, newer version of Vedette (it has the schema step "${foreign.name}", ` +
        'which this version does not know); nothing was changed: start the newer version, or restore a backup',
    );
  }
  return applied.length;
}
