import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs, {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mock, test } from 'node:test';
import { addCustomer, type Customer } from '../accounts/customers.ts';
import { addUser } from '../accounts/users.ts';
import { showIdentity, waitingKeys } from '../archive/hand-over.ts';
import { keptIdentities, makeArchiveKey, makeWaitingKey } from '../archive/keys.ts';
import { markAnew } from '../archive/mark.ts';
import { commandLine } from '../audit/audit.ts';
import { serverConfig } from '../config.ts';
import { aboutDatabaseServer } from '../databases/database-servers.ts';
import { openContext, type ServerContext } from '../http/context.ts';
import { backUp } from './backup.ts';
import { eraseCustomer } from './erase.ts';
import { exportCustomer } from './export.ts';
import { importCustomer } from './import.ts';
import { restore } from './restore.ts';

const masterKey = randomBytes(32).toString('base64');

/** A server with an operator and a customer whose archive has a key that is kept and one that waits, and its backup. */
async function buildBackedUp(prepare: (server: ServerContext, acme: Customer) => unknown = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-restore-'));
  const at = (name: string) => join(folder, name);
  const config = (data: string, databaseUrl?: string) => ({
    ...serverConfig({ dataFolder: at(data), databaseUrl, logLevel: 'silent' }, {}),
    ...{ masterKey, bcryptCost: 4 },
  });
  const server = await openContext(config('data'));
  const acme = await addCustomer(server, 'Acme');
  await addUser(server, { name: 'olga', role: 'operator', customerId: null, password: 'correct horse battery' });
  const kept = await makeArchiveKey(server, acme, { name: 'kept', keepCopy: true }, commandLine);
  const waiting = await makeWaitingKey(server, acme, 'waiting', commandLine);
  await prepare(server, acme);
  const { folder: backup } = await backUp(server, at('backups'));
  return {
    ...{ folder, at, config, server, acme, kept, waiting, backup },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** All files below, and what is in them. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'base64')]));
}

test('with another master key nothing is restored, and with the right one all that was sealed opens', async () => {
  await using built = await buildBackedUp();
  const { at, config, acme, kept, waiting, backup } = built;
  const before = contentOf(backup);
  const { masterKey: _, ...without } = config('new');
  for (const wrong of [without, { ...without, masterKey: randomBytes(32).toString('base64') }]) {
    await assert.rejects(restore(wrong, backup), /another master key: give VEDETTE_MASTER_KEY as it was/);
    assert.equal(existsSync(at('new')), false);
  }
  const done = await restore(config('new'), backup);
  assert.deepEqual(done, { customers: ['Acme'], failed: [], keysLeft: [] });
  await using server = await openContext(config('new'));
  assert.deepEqual(await keptIdentities(server, acme.id), [kept.identity]);
  assert.deepEqual(
    (await waitingKeys(server, acme.id)).map(({ recipient }) => recipient),
    [waiting],
  );
  assert.match(await showIdentity(server, acme, waiting, commandLine), /^AGE-SECRET-KEY-/);
  assert.deepEqual(contentOf(backup), before, 'a backup stays as it is');
});

test('a backup of an earlier version is restored with any master key, and what does not open is named', async () => {
  await using built = await buildBackedUp();
  const { config, kept, waiting, backup } = built;
  const file = join(backup, 'backup.json');
  const { sealed, ...earlier } = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(typeof sealed, 'string');
  writeFileSync(file, JSON.stringify(earlier));
  const { keysLeft } = await restore({ ...config('new'), masterKey: randomBytes(32).toString('base64') }, backup);
  const named = keysLeft.map(({ customer, name, recipient }) => `${customer} ${name} ${recipient}`);
  assert.deepEqual(named.sort(), [`Acme kept ${kept.recipient}`, `Acme waiting ${waiting}`]);
});

test('a restore that is refused or breaks off before the customers is simply done again', async () => {
  await using built = await buildBackedUp();
  const { at, config, backup } = built;
  await using inUse = await openContext(config('other', at('registry')));
  await addUser(inUse, { name: 'otto', role: 'operator', customerId: null, password: 'correct horse battery' });
  await assert.rejects(restore(config('new', at('registry')), backup), /the registry has users already/);
  assert.deepEqual(await inUse.registry('users').pluck('name'), ['otto']);
  assert.equal(existsSync(at('new')), false);
  for (const table of ['users', 'audit']) await inUse.registry(table).delete();

  // Operators come last: one who is there twice has it break once most rows are copied.
  const broken = at('broken');
  cpSync(backup, broken, { recursive: true });
  using db = new DatabaseSync(join(broken, 'registry.sqlite'));
  db.exec("create table copies as select * from users; update copies set id = 'another'; drop table users;");
  db.exec('create table users as select * from copies union all select * from copies; drop table copies');
  db.close();
  mkdirSync(at('new'));
  await assert.rejects(restore(config('new', at('registry')), broken), /UNIQUE constraint failed/);
  assert.deepEqual(readdirSync(at('new')), []);
  for (const table of ['users', 'audit']) assert.deepEqual(await inUse.registry(table), []);

  assert.deepEqual((await restore(config('new', at('registry')), backup)).customers, ['Acme']);
  assert.deepEqual(await inUse.registry('users').pluck('name'), ['olga']);
});

test('who looks into the registry while a backup is restored does not take its log away from whoever writes', async () => {
  await using built = await buildBackedUp();
  const registry = built.at('new/registry.sqlite');
  const looking = `const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
    db.exec('select * from customers');
    db.close();`;
  let left: string[] | undefined;
  await restore(built.config('new'), built.backup, () => {
    left ??= spawnSync(process.execPath, ['-e', looking, registry]).status === 0 ? readdirSync(dirname(registry)) : [];
  });
  assert.ok(left?.includes('registry.sqlite-wal'), `${left}`);
});

test('where the database server of one customer is gone the others are restored, and that one can be put elsewhere', async () => {
  await using built = await buildBackedUp(async (server) => {
    await addCustomer(server, 'Bolt');
    const sealed = server.masterKey.seal('mysql://root@127.0.0.1:1', aboutDatabaseServer('gone'));
    await server.registry('database_servers').insert({ name: 'gone', address: '127.0.0.1:1', sealed, created_at: 0 });
  });
  const { config, acme, backup } = built;
  using db = new DatabaseSync(join(backup, 'registry.sqlite'));
  db.exec("update customers set engine = 'mysql', database_server = 'gone' where name = 'Acme'");
  db.close();
  const { customers, failed } = await restore(config('new'), backup);
  assert.deepEqual(customers, ['Bolt']);
  const [{ why = '', file = '', ...one } = {}, ...others] = failed;
  assert.deepEqual([one, others], [{ customer: 'Acme', databaseServer: 'gone' }, []]);
  assert.match(why, /127\.0\.0\.1:1 /);
  await using server = await openContext(config('new'));
  assert.equal((await importCustomer(server, file)).customer.id, acme.id);
});

test('of a backup customers come back whose names only capitals tell apart, as earlier versions let them', async () => {
  await using built = await buildBackedUp(async (server) => {
    const { id } = await addCustomer(server, 'Bolt');
    await server.registry('customers').where({ id }).update({ name: 'ACME' });
  });
  const { customers, failed } = await restore(built.config('new'), built.backup);
  assert.deepEqual([customers.sort(), failed], [['ACME', 'Acme'], []]);
});

test('what is erased on a server that was made of a backup leaves no archive behind unsaid', async () => {
  await using built = await buildBackedUp(async (server, acme) => {
    const root = join(dirname(server.dataFolder), 'archive');
    mkdirSync(join(root, acme.id), { recursive: true });
    markAnew(root, server.dataFolder);
    const month = { from_at: Date.UTC(2025, 0), part: 0, state: 'removed', attempt: 'a', closed_at: 1, folder: 'one' };
    await server.customers.use(acme.id, (db) => db('archive_months').insert(month));
  });
  const { at, config, acme, backup } = built;
  const archived = join(at('archive'), acme.id);
  /** The receipt's word of what is left, on a server that is made of the backup in this folder. */
  const leftOn = async (data: string, archiveFolder?: string) => {
    await restore(config(data), backup);
    await using server = await openContext({ ...config(data), archiveFolder });
    return (await eraseCustomer(server, 'Acme')).left ?? '';
  };
  const left = await leftOn('new');
  assert.ok(left.startsWith(`${archived}, if`) && left.includes('take-over'), left);

  const file = join(backup, 'backup.json');
  const { archiveFolder: _, ...earlier } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(earlier));
  assert.match(await leftOn('another'), new RegExp(`^the folder ${acme.id} of the archive`));
  mkdirSync(at('wrong'));
  assert.match(await leftOn('third', at('wrong')), /^1 months and supplements of the archive .*wrong.* is not there/);
  assert.ok(existsSync(archived));
});

test('a backup and an export are on the disk before they have their names, and the names are too before all is done', async () => {
  await using built = await buildBackedUp();
  const { folder, at, server, acme } = built;
  const paths = new Map<number, string>();
  const done: string[] = [];
  const { openSync, fsyncSync, renameSync } = fs;
  mock.method(fs, 'openSync', (...given: Parameters<typeof openSync>) => {
    const descriptor = openSync(...given);
    paths.set(descriptor, String(given[0]));
    return descriptor;
  });
  mock.method(fs, 'fsyncSync', (descriptor: number) => {
    fsyncSync(descriptor);
    done.push(`sync ${paths.get(descriptor)}`);
  });
  mock.method(fs, 'renameSync', (from: string, to: string) => {
    renameSync(from, to);
    done.push(`rename ${to}`);
  });
  syncBuiltinESMExports();
  try {
    await exportCustomer(server, acme.id, at('acme.vedette'));
    const exported = done.splice(0);
    assert.ok(exported.indexOf(`sync ${at('acme.vedette')}.unfinished`) < exported.length - 2);
    assert.deepEqual(exported.slice(-2), [`rename ${at('acme.vedette')}`, `sync ${folder}`]);

    const { folder: backup } = await backUp(server, at('backups'));
    assert.deepEqual(done.slice(-2), [`rename ${backup}`, `sync ${at('backups')}`]);
    const all = readdirSync(backup, { recursive: true }).map((name) => join(`${backup}.unfinished`, String(name)));
    const missing = all.filter((path) => !done.includes(`sync ${path}`));
    assert.deepEqual(missing, []);
  } finally {
    mock.restoreAll();
    syncBuiltinESMExports();
  }
});
