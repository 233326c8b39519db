import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { DatabaseUnusable } from '../database-unusable.ts';
import { exactCollation, type MysqlAddress, openMysql } from './mysql.ts';

/** What Vedette does in a customer's schema; nothing that reaches beyond it, such as files, processes or other accounts. */
const rights = 'select, insert, update, delete, create, drop, alter, index, references';

/** Schemas and accounts get such names: an administrator with rights on `vedette\_%` alone can make them. */
const allowedName = /^vedette_[0-9a-f]{1,24}$/;

/** What the accounts of a schema are called: the one it begins with, and the one that takes turns with it. */
function accountsOf(name: string): string[] {
  return [name, name.replace('_', '-')];
}

/**
 * Makes the schema `name` and an account of the same name with a random password and rights on that schema alone. Both may
 * be there already, from an attempt that was cut short; the password is new in any case.
 */
export async function makeSchema(administrator: MysqlAddress, name: string): Promise<MysqlAddress> {
  const password = newPassword();
  await asAdministrator(administrator, name, async (db) => {
    await db.raw('select 1');
    const collation = exactCollation(db);
    await db.raw(`create database if not exists ${name} character set utf8mb4 collate ${collation}`);
    await makeAccount(db, name, { user: name, password });
  });
  const { host, port, ssl } = administrator;
  return { host, port, ...(ssl && { ssl }), user: name, password, database: name };
}

/** How long to wait for another program that is at the accounts of the same schema (s). */
const patienceSeconds = 20;

/**
 * Does `work` while no other program is at the accounts of the schema `name`. Throws `DatabaseUnusable` where another one
 * has been for long.
 */
export async function aloneWithAccounts(
  administrator: MysqlAddress,
  name: string,
  work: () => Promise<void>,
): Promise<void> {
  const { database: _, ...elsewhere } = administrator;
  const db = openMysql(elsewhere);
  const lock = `vedette accounts ${name}`;
  try {
    await db.transaction(async (trx) => {
      const [[row]] = await trx.raw('select get_lock(?, ?) as taken', [lock, patienceSeconds]);
      if (row.taken !== 1) {
        throw new DatabaseUnusable(
          `another program has been changing the account of ${name} for long: see what it waits for`,
        );
      }
      await work();
      await trx.raw('select release_lock(?)', [lock]); // else it ended with the connection, some moments later
    });
  } finally {
    await db.destroy();
  }
}

/**
 * Makes another account of the schema `name` than `present`, with a new password, and returns it. That other one is let in
 * until `shutOut`, so that at no moment nobody is; if this was cut short it is simply done again.
 */
export async function makeOtherAccount(administrator: MysqlAddress, name: string, present: string) {
  const user = accountsOf(name).find((one) => one !== present) ?? name;
  const account = { user, password: newPassword() };
  await asAdministrator(administrator, name, (db) => makeAccount(db, name, account));
  return account;
}

/** Gives an account of the schema `name` a password that nobody knows; connections that it has go on. */
export async function shutOut(administrator: MysqlAddress, name: string, user: string): Promise<void> {
  if (!accountsOf(name).includes(user)) throw new Error(`${user} is no account of ${name}`);
  await asAdministrator(administrator, name, (db) =>
    db.raw(`alter user if exists '${user}'@'%' identified by ?`, [newPassword()]),
  );
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

async function makeAccount(db: Knex, name: string, { user, password }: { user: string; password: string }) {
  await db.raw(`create user if not exists '${user}'@'%' identified by ?`, [password]);
  await db.raw(`alter user '${user}'@'%' identified by ?`, [password]);
  // In GRANT an underscore stands for any letter: unescaped it would open the schemas of other customers.
  await db.raw(`grant ${rights} on \`${name.replaceAll('_', '\\_')}\`.* to '${user}'@'%'`);
}

/** Whether there is a schema `name`, whoever made it. */
export async function schemaIsThere(administrator: MysqlAddress, name: string): Promise<boolean> {
  let isThere = false;
  await asAdministrator(administrator, name, async (db) => {
    const [rows] = await db.raw('select 1 from information_schema.schemata where schema_name = ?', [name]);
    isThere = rows.length > 0;
  });
  return isThere;
}

/** Removes the schema and its accounts, with all that is in it. */
export async function dropSchema(administrator: MysqlAddress, name: string): Promise<void> {
  await asAdministrator(administrator, name, async (db) => {
    for (const user of accountsOf(name)) await db.raw(`drop user if exists '${user}'@'%'`);
    await db.raw('set foreign_key_checks = 0'); // of tables that were half made
    await db.raw(`drop database if exists ${name}`);
  });
}

async function asAdministrator(at: MysqlAddress, name: string, work: (db: Knex) => Promise<void>): Promise<void> {
  if (!allowedName.test(name)) throw new Error(`a customer's schema cannot be called ${name}`);
  const { database: _, ...elsewhere } = at;
  const db = openMysql(elsewhere);
  try {
    await work(db);
  } catch (error) {
    if (error instanceof DatabaseUnusable) throw error;
    const why = error instanceof Error && 'sqlMessage' in error ? error.sqlMessage : error;
    const next = 'see that the administrator has the rights that docs/server.md names';
    throw new DatabaseUnusable(`cannot make or remove the schema ${name} on ${at.host} (${why}): ${next}`);
  } finally {
    await db.destroy();
  }
}
