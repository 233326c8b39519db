import type { Knex } from 'knex';
import { DatabaseUnusable, gone } from './database-unusable.ts';
import { changeTables, isMysql } from './engines/dialect.ts';
import { changeSchema } from './engines/mysql.ts';
import { isConflict } from './engines/mysql-errors.ts';

/**
 * One step of a schema. A released step is never edited: its successor repairs it. MariaDB commits each statement that
 * changes a schema by itself, so there a step that was cut short is carried out again from its beginning, passing over
 * tables, columns, keys and inserted rows that are there already; any other change of rows must bear being made twice.
 */
export interface Migration {
  name: string;
  up(db: Knex): Promise<void>;
}

/** The database was written by a newer program, which this one would harm. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

const table = 'schema_steps';
/** How long to wait for another program that is at the same schema (s). */
const patienceSeconds = 600;

/**
 * Brings the schema to the last of `steps`, forward only. A file is brought there by all steps or left as it was; of MariaDB
 * and MySQL each step is recorded and done, or is done by the next call. Two programs starting together apply each step
 * once. Throws `SchemaTooNew`, and `DatabaseUnusable` where one that `wasThere` before holds nothing.
 */
export async function migrate(db: Knex, steps: readonly Migration[], wasThere = false): Promise<void> {
  if (!(await db.schema.hasTable(table))) {
    if (wasThere) throw gone('the database holds no tables of Vedette');
    if (isMysql(db)) await refuseForeignTables(db);
    await db.raw(`create table if not exists ${table} (position integer primary key, name varchar(200) not null)`);
  }
  if ((await knownVersion(db, steps)) === steps.length) return;
  if (isMysql(db)) await alone(db, (only) => applyMissing(only, steps));
  else await db.transaction((trx) => applyMissing(trx, steps));
}

async function applyMissing(trx: Knex, steps: readonly Migration[]): Promise<void> {
  const done = await knownVersion(trx, steps);
  for (const [index, step] of [...steps.entries()].slice(done)) {
    await step.up(trx).catch((error: unknown) => {
      throw told(error, step);
    });
    await trx(table).insert({ position: index + 1, name: step.name });
  }
}

/** The error with the step it was met in, unless it is the state of the database. */
function told(error: unknown, { name }: Migration): unknown {
  if (error instanceof DatabaseUnusable || isConflict(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new Error(`the step "${name}" of the schema failed (${why})`, { cause: error });
}

/** Does `work` on the one connection that may change this schema now. */
async function alone(db: Knex, work: (db: Knex) => Promise<void>): Promise<void> {
  const name = "concat('vedette ', left(sha1(database()), 40))";
  await db.transaction(async (trx) => {
    await changeSchema(trx, true);
    try {
      const [[row]] = await trx.raw(`select get_lock(${name}, ${patienceSeconds}) as taken`);
      if (row.taken !== 1) {
        throw new DatabaseUnusable('another program has been changing this schema for long: see what it waits for');
      }
      await changeTables(trx, () => work(trx));
    } finally {
      await changeSchema(trx, false);
      await trx.raw(`select release_lock(${name})`);
    }
  });
}

/** A schema that something else lives in would be taken for one that was half made. */
async function refuseForeignTables(db: Knex): Promise<void> {
  const [rows = []]: { name: string }[][] = await db.raw(
    'select table_name as name from information_schema.tables where table_schema = database()',
  );
  if (rows.length === 0 || rows.some(({ name }) => name === table)) return;
  throw new DatabaseUnusable(
    `the schema holds tables of something else (${rows[0]?.name}); nothing was changed: give Vedette one of its own`,
  );
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
