import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CustomerId } from '../../db/customers.ts';
import { type MysqlAddress, mysqlAddress, openMysql } from '../../db/engines/mysql.ts';
import { dropSchema, makeSchema } from '../../db/engines/mysql-schema.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { type MariaDb, mariaDb } from '../../test/mariadb.ts';
import { addCustomer } from '../accounts/customers.ts';
import { serverConfig } from '../config.ts';
import { openContext, type ServerContext } from '../http/context.ts';
import { backUp } from '../keeping/backup.ts';
import { exportCustomer } from '../keeping/export.ts';
import { importCustomer } from '../keeping/import.ts';
import { restore } from '../keeping/restore.ts';
import { rotateDatabasePassword } from '../keys/rotate.ts';
import { addressOf, dropDatabase } from './customer-database.ts';
import { aboutDatabaseServer, addDatabaseServer, databaseServers } from './database-servers.ts';
import { openMasterKey } from './master-key.ts';

let mariadb: MariaDb;

before(async () => {
  mariadb = await mariaDb();
});
after(() => mariadb.close());

async function buildServer(databaseUrl?: string) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'vedette-server-'));
  const server = await openContext(serverConfig({ dataFolder, databaseUrl, logLevel: 'silent' }, {}));
  return {
    server,
    dataFolder,
    rows: () => server.registry<CustomerRow>('customers').orderBy('name'),
    async [Symbol.asyncDispose]() {
      const rows = await server.registry<CustomerRow>('customers');
      for (const row of rows) await dropDatabase(server, row);
      await server[Symbol.asyncDispose]();
      rmSync(dataFolder, { recursive: true });
    },
  };
}

/** What the account is told when it tries. */
async function attempt(at: MysqlAddress, sql: string): Promise<'allowed' | 'denied' | 'nothing'> {
  const { database: _, ...elsewhere } = at;
  const db = openMysql(elsewhere);
  try {
    const [rows] = await db.raw(sql);
    const values = Array.isArray(rows) ? rows.flatMap((row) => Object.values(row)) : ['done'];
    return values.every((value) => value === null) ? 'nothing' : 'allowed';
  } catch {
    return 'denied';
  } finally {
    await db.destroy();
  }
}

test('a customer added on a database server has a schema and an account with rights on that schema alone', async () => {
  await using built = await buildServer();
  const { server } = built;
  await addDatabaseServer(server, 'db-1', mariadb.url);
  assert.deepEqual(await databaseServers(server), [{ name: 'db-1', address: new URL(mariadb.url).host }]);
  const { id } = await addCustomer(server, 'Ålice & Söns 100%_', { databaseServer: 'db-1' });
  await server.customers.use(id, (db) => db('locations').insert({ id: randomUUID(), name: 'Utrecht' }));
  const [row] = await built.rows();
  const at = (await addressOf(server, row ?? assert.fail())) as MysqlAddress;
  assert.match(at.user, /^vedette_[0-9a-f]{24}$/);
  const grants = (await mariadb.sql(`show grants for '${at.user}'@'%'`)).trim().split('\n');
  assert.match(grants[0] ?? '', /^GRANT USAGE ON \*\.\* TO/);
  const name = `${at.user.replace('_', '\\\\_')}`;
  assert.deepEqual(
    grants.slice(1).map((grant) => grant.replace(/`@`%`$/, '')),
    [`GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER ON \`${name}\`.* TO \`${at.user}`],
  );
});

test('the account of a schema takes turns with another one; the one before is shut out, and a running server goes on', async () => {
  await using built = await buildServer();
  const { server } = built;
  await addDatabaseServer(server, 'db-1', mariadb.url);
  const customer = await addCustomer(server, 'Acme', { databaseServer: 'db-1' });
  const count = () => server.customers.use(customer.id, (db) => db('locations').count({ n: '*' }).first());
  const account = async () => {
    const row = (await built.rows()).find(({ id }) => id === customer.id);
    return (await addressOf(server, row ?? assert.fail())) as MysqlAddress;
  };
  await using other = await openContext(serverConfig({ dataFolder: built.dataFolder, logLevel: 'silent' }, {}));
  await count();
  const used: MysqlAddress[] = [await account()];
  for (const _ of [1, 2]) {
    await rotateDatabasePassword(other, customer);
    const [before, now] = [used.at(-1) ?? assert.fail(), await account()];
    assert.notEqual(now.password, before.password);
    assert.notEqual(now.user, before.user);
    const read = `select count(*) from ${now.database}.locations`;
    assert.deepEqual([await attempt(before, read), await attempt(now, read)], ['denied', 'allowed']);
    const grants = await mariadb.sql(`show grants for '${now.user}'@'%'`);
    assert.match(grants, /GRANT USAGE ON \*\.\* TO[^\n]*\nGRANT [A-Z, ]+ ON `vedette[^`]*`\.\* TO [^\n]*\n?$/);
    // All that the running server had open is ended, so that it has to ask who it is now.
    await mariadb.sql(`kill user '${before.user}'@'%'`);
    assert.deepEqual(await count(), { n: 0 });
    used.push(now);
  }
  const rotating = [1, 2].map(() => rotateDatabasePassword(other, customer));
  await Promise.all(rotating);
  const now = await account();
  assert.equal(
    await attempt(now, `select count(*) from ${now.database}.locations`),
    'allowed',
    'two at once shut nobody out',
  );
  const users = () => mariadb.sql(`select user from mysql.user where user like 'vedette%${customer.id.slice(0, 8)}%'`);
  assert.equal((await users()).trim().split('\n').length, 2);
  await dropDatabase(server, (await built.rows())[0] ?? assert.fail());
  assert.equal((await users()).trim(), '');
});

test("an import or restore leaves alone the schema that another server keeps under the customer's id", async () => {
  await using one = await buildServer();
  await using two = await buildServer();
  for (const { server } of [one, two]) await addDatabaseServer(server, 'db-1', mariadb.url);
  const { id } = await addCustomer(one.server, 'Acme', { databaseServer: 'db-1' });
  await one.server.customers.use(id, (db) => db('locations').insert({ id: randomUUID(), name: 'Utrecht' }));
  const file = join(one.dataFolder, 'acme.vedette');
  await exportCustomer(one.server, id, file);
  const taken = /there is a schema vedette_[0-9a-f]{24} on .* already, .*; nothing was changed/;
  await assert.rejects(importCustomer(two.server, file, { databaseServer: 'db-1' }), taken);
  const [backup, dataFolder] = [await backUp(one.server, one.dataFolder), join(one.dataFolder, 'restored')];
  const config = serverConfig({ dataFolder, logLevel: 'silent' }, {});
  await assert.rejects(restore(config, backup.folder), taken);
  await using restored = await openContext(config);
  assert.deepEqual(await restored.registry('database_servers'), [], 'nothing is restored by halves');
  await one.server.customers.forget(id); // the account's password is as it was, too
  const locations = await one.server.customers.use(id, (db) => db('locations').pluck('name'));
  assert.deepEqual(locations, ['Utrecht']);
});

test('an import that is tried again elsewhere removes what it left itself, and nothing of another server', async () => {
  await using one = await buildServer();
  await using two = await buildServer();
  for (const { server } of [one, two]) await addDatabaseServer(server, 'db-1', mariadb.url);
  const { id } = await addCustomer(one.server, 'Acme', { databaseServer: 'db-1' });
  const locations = (server: ServerContext) => server.customers.use(id, (db) => db('locations').pluck('name'));
  await one.server.customers.use(id, (db) => db('locations').insert({ id: randomUUID(), name: 'Utrecht' }));
  const file = join(one.dataFolder, 'acme.vedette');
  await exportCustomer(one.server, id, file);
  const cut = (databaseServer?: string) => {
    const progress = () => {
      throw new Error('cut');
    };
    return importCustomer(two.server, file, { progress, ...(databaseServer !== undefined && { databaseServer }) });
  };
  await assert.rejects(cut(), /cut/);
  await assert.rejects(importCustomer(two.server, file, { databaseServer: 'db-1' }), /there is a schema .* already/);
  await one.server.customers.forget(id);
  assert.deepEqual(await locations(one.server), ['Utrecht']);

  await one.server.customers.forget(id);
  await dropDatabase(one.server, (await one.rows())[0] ?? assert.fail());
  await assert.rejects(cut('db-1'), /cut/);
  const sealed = two.server.masterKey.seal('mysql://root@127.0.0.1:1', aboutDatabaseServer('db-1'));
  await two.server.registry('database_servers').update({ sealed });
  await assert.rejects(importCustomer(two.server, file), /was cut short there; .*remove the folder .*customers/);
  await addDatabaseServer(two.server, 'db-1', mariadb.url);
  await importCustomer(two.server, file);
  assert.deepEqual(await locations(two.server), ['Utrecht']);
  assert.equal(await mariadb.sql(`show databases like 'vedette_${id.replaceAll('-', '').slice(0, 24)}'`), '');
});

test('no account reaches beyond its schema', async () => {
  const administrator = mysqlAddress(mariadb.url);
  const count = process.env.VEDETTE_LONG ? 300 : 4;
  const names = Array.from({ length: count }, (_, n) => `vedette_a${n.toString(16)}`);
  // What an unescaped underscore, percent sign or another case would open.
  const alike = ['vedetteXa0', 'vedette%a0', 'VEDETTE_A0', 'vedette_a0_', "vedette_a0'", 'vedette＿a0'];
  for (const name of alike)
    await mariadb.sql(
      `create database if not exists \`${name}\`; create table if not exists \`${name}\`.t (a int); insert into \`${name}\`.t values (1)`,
    );
  const accounts = [];
  for (const name of names) accounts.push(await makeSchema(administrator, name));
  for (const name of names) await mariadb.sql(`create table ${name}.t (a int); insert into ${name}.t values (1)`);
  const allowed: string[] = [];
  for (const [n, account] of accounts.entries()) {
    const neighbour = names[(n + 1) % count];
    const probes = [
      ...alike.map((name) => `select * from \`${name}\`.t`),
      `select * from ${neighbour}.t`,
      `insert into ${neighbour}.t values (2)`,
      `create table ${neighbour}.u (a int)`,
      `drop database ${neighbour}`,
      `use ${neighbour}`,
      'select user from mysql.user',
      "select load_file('/etc/passwd')",
      `select 1 into outfile '/tmp/${randomUUID()}'`,
      `load data local infile '/etc/passwd' into table ${account.database}.t`,
      `load data infile '/etc/passwd' into table ${account.database}.t`,
      'set global max_connections = 10',
      'create database mine',
      'create user mine',
      `grant all on *.* to '${account.user}'@'%'`,
      `grant select on ${account.database}.* to '${names[(n + 1) % count]}'@'%'`,
      `select concat(info, id) from information_schema.processlist where user <> '${account.user}'`,
      `select table_name from information_schema.tables where table_schema = '${neighbour}'`,
      `create trigger ${account.database}.x before insert on ${account.database}.t for each row set new.a = 3`,
      'shutdown',
    ];
    for (const sql of probes) {
      const answer = await attempt(account, sql);
      if (answer === 'allowed') allowed.push(`${account.user}: ${sql}`);
    }
    assert.equal(await attempt(account, `select * from ${account.database}.t`), 'allowed');
  }
  assert.deepEqual(allowed, []);
  for (const name of names) await dropSchema(administrator, name);
  for (const name of alike) await mariadb.sql(`drop database \`${name}\``);
});

test('registry and customers live on one database server, made by an account with rights on such schemas alone', async () => {
  const schema = 'vedette_registry';
  await mariadb.sql(`create or replace database ${schema};
    create or replace user vedette@'%' identified by 'p@ss/word';
    grant create user on *.* to vedette@'%';
    grant select, insert, update, delete, create, drop, alter, index, references on \`vedette\\_%\`.* to vedette@'%' with grant option;`);
  const { host } = new URL(mariadb.url);
  const url = `mysql://vedette:p%40ss%2Fword@${host}/${schema}`;
  const made: string[] = [];
  {
    await using built = await buildServer(url);
    const { server } = built;
    const [alices, bobs] = [await addCustomer(server, 'Alice Ltd'), await addCustomer(server, 'Bob Inc')];
    const place = (id: CustomerId) =>
      server.customers.use(id, async (db) => (await db.raw('select database() as name, current_user() as user'))[0][0]);
    const [a, b] = [await place(alices.id), await place(bobs.id)];
    assert.equal(a.user, `${a.name}@%`);
    assert.notEqual(a.name, b.name);
    made.push(a.name, b.name);
    const dump = JSON.stringify(await built.rows()) + JSON.stringify(await server.registry('audit'));
    const { password } = (await addressOf(server, (await built.rows())[0] ?? assert.fail())) as MysqlAddress;
    assert.ok(!dump.includes(password) && !dump.includes('p@ss'));
  }
  const left = await mariadb.sql(
    "show databases like 'vedette\\_%'; select user from mysql.user where user like 'vedette\\_%'",
  );
  assert.ok(made.length === 2 && !made.some((name) => left.includes(name)), 'they are gone with the server');
  await mariadb.sql(`drop database ${schema}; drop user vedette@'%'`);
});

test('an administrator who may not make schemas is named the cause, and no password', async () => {
  await mariadb.sql("create or replace user weak@'%' identified by 'weak'");
  const address = { ...mysqlAddress(mariadb.url), user: 'weak', password: 'weak' };
  await assert.rejects(makeSchema(address, 'vedette_b0'), (error: Error) => {
    assert.equal(error.name, 'DatabaseUnusable');
    assert.match(error.message, /Access denied for user 'weak'@'%' to database 'vedette_b0'/);
    return true;
  });
  await mariadb.sql("grant create on `vedette\\_b0`.* to weak@'%'");
  await assert.rejects(makeSchema(address, 'vedette_b0'), (error: Error) => {
    assert.match(error.message, /need.*CREATE USER.*: see that the administrator has the rights that docs/);
    return !/identified/.test(error.message);
  });
  await mariadb.sql("drop database vedette_b0; drop user weak@'%'");
});

test('a wrong address, an unknown database server and another master key are named, and no password is told', async () => {
  await using built = await buildServer();
  const { server } = built;
  const wrong: [string, string, RegExp][] = [
    ['db-1', 'mysql://root:secret@127.0.0.1:1', /see that the database server runs/],
    ['db-1', 'mysql://root:secret@127.0.0.1:99999', /cannot be read: write it as mysql/],
    ['db-1', 'mysql://root:secret@127.0.0.1?ssl=no', /knows \?ca=FILE, not \?ssl/],
    ['db-1', 'mysql://root:secret@127.0.0.1?ca=/nowhere', /give the database server's name/],
    ['db-1', 'mysql://root:secret@db.example?ca=/nowhere', /authority of the database server cannot be read \(ENOENT/],
    ['db-1', 'postgres://root:secret@127.0.0.1', /begins with mysql:/],
    ['one two', mariadb.url, /is named with letters/],
    ['db-1', mariadb.url.replace(/:[^:@]+@/, ':wrong@'), /Access denied.*see that the account and its password/],
  ];
  for (const [name, url, why] of wrong) {
    await assert.rejects(addDatabaseServer(server, name, url), (error: Error) => {
      assert.match(error.message, why);
      return !error.message.includes('secret');
    });
  }
  assert.deepEqual(await databaseServers(server), []);
  await assert.rejects(
    addCustomer(server, 'Alice Ltd', { databaseServer: 'db-9' }),
    /there is no database server "db-9": add it with/,
  );
  await addDatabaseServer(server, 'db-1', mariadb.url);
  await addCustomer(server, 'Alice Ltd', { databaseServer: 'db-1' });
  const [row] = await built.rows();
  const stranger = openMasterKey('', Buffer.alloc(32).toString('base64'));
  await assert.rejects(
    addressOf({ ...server, masterKey: stranger }, row ?? assert.fail()),
    /start with the master key/,
  );
});
