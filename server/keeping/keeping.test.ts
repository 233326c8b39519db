import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { findCustomer } from '../accounts/customers.ts';
import { presentSession } from '../accounts/sessions.ts';
import { signIn } from '../accounts/sign-in.ts';
import { suspendCustomer } from '../accounts/suspend.ts';
import { addUser } from '../accounts/users.ts';
import { addMonitor } from '../assignments/monitors.ts';
import { publish } from '../assignments/publish.ts';
import { slicesOf, trailOf } from '../audit/trail.ts';
import { verifyTrail } from '../audit/verify.ts';
import { buildWorld, type World } from '../build-world.ts';
import { serverConfig } from '../config.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import { openContext } from '../http/context.ts';
import { tokenHash } from '../http/token.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { backUp } from './backup.ts';
import { eraseCustomer } from './erase.ts';
import { exportCustomer } from './export.ts';
import { importCustomer } from './import.ts';
import { restore } from './restore.ts';

const password = 'correct horse battery';
const from = { source: 'somewhere', browser: 'a browser' };
const source = `import { test } from '@playwright/test';
test('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;

/** A customer with a monitor, a sentinel that reported runs with a picture, and a user. */
async function watched(world: World, name: string) {
  const customerId = await world.addCustomer(name);
  await publish(world.context, customerId, { script: { name: 'home.spec.ts', source }, author: 'test' });
  const monitorId = await addMonitor(world.context, customerId, {
    name: 'Home',
    script: 'home.spec.ts',
    everyMs: 60_000,
  });
  const sentinel = await world.enrolled(customerId);
  const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .webp()
    .toBuffer();
  const sha256 = sha256Hex(picture);
  const evidence = [{ kind: 'screenshot', sha256, mediaType: 'image/webp', bytes: picture.length }] as const;
  const now = Date.now();
  const runs = [
    buildRun({ monitorId, startedAt: now - 5000 }),
    buildFailedRun({ monitorId, startedAt: now, evidence: [...evidence] }),
  ];
  assert.equal((await sentinel.ask('POST', `${apiPrefix}/runs`, { body: { runs } })).status, 200);
  const headers = { 'content-type': 'image/webp' };
  assert.equal((await sentinel.ask('PUT', `${apiPrefix}/evidence/${sha256}`, { headers, body: picture })).status, 204);
  const user = `${name}-alice`;
  return { customerId, sentinel, user, ask: await world.signedIn(user, customerId) };
}

const fileIn = (world: World) => join(world.context.dataFolder, `${randomUUID()}.vedette`);
const runsOf = (world: World, id: CustomerId) => world.context.customers.use(id, (db) => db('runs').orderBy('id'));

test('an erased customer comes back from its export with all it had, and its sentinel and users go on', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const acme = await watched(world, 'Acme');
  const [before, file] = [await runsOf(world, acme.customerId), fileIn(world)];
  const exported = await exportCustomer(context, acme.customerId, file);
  assert.deepEqual([exported.tables.runs?.rows, exported.files.count, exported.files.missing], [2, 1, 0]);

  const receipt = await eraseCustomer(context, 'Acme');
  assert.deepEqual([receipt.rows?.runs, receipt.evidence.files, receipt.registry.users], [2, 1, 1]);
  assert.equal((await acme.sentinel.ask('GET', `${apiPrefix}/assignments`)).code, 'KEY_UNKNOWN');
  assert.equal((await acme.ask('GET', '/api/v1/session')).code, 'NOT_SIGNED_IN');

  const { customer, leftOut } = await importCustomer(context, file);
  assert.deepEqual([customer.id, customer.name, leftOut], [acme.customerId, 'Acme', []]);
  assert.deepEqual(await runsOf(world, acme.customerId), before);
  assert.equal((await acme.sentinel.ask('GET', `${apiPrefix}/assignments`)).status, 200);
  const [evidence] = await context.customers.use(acme.customerId, (db) => db('evidence'));
  const folder = join(context.customers.folder(acme.customerId), 'evidence');
  assert.ok(readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(evidence.stored_sha256)));
  const again = await exportCustomer(context, acme.customerId, fileIn(world));
  assert.deepEqual(again.tables.runs, exported.tables.runs);
  assert.deepEqual(again.tables.transaction_results, exported.tables.transaction_results);
});

test('what an erased customer had is found nowhere below the data folder, and the neighbour has all of its own', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const [acme, bolt] = [await watched(world, 'Acme'), await watched(world, 'Bolt')];
  const before = await runsOf(world, bolt.customerId);
  for (const name of [acme.user, bolt.user])
    await assert.rejects(signIn(context, { name, password: 'another than it is' }, from));
  const secrets = [
    ...(await context.registry('users').where({ customer_id: acme.customerId }).pluck('password_hash')),
    ...(await context.registry('sessions').whereNot({ csrf_token: '' }).pluck('csrf_token')).slice(0, 1),
  ];
  const told: string[] = [];
  const beingDrawn = evidenceOf(context, acme.customerId);
  await eraseCustomer(context, acme.customerId, { progress: (text) => told.push(text) });
  const late = beingDrawn.put(sha256Hex('x'), Buffer.from('x'));
  await assert.rejects(late, /there is no folder .*the customer was erased/);
  assert.deepEqual(told.slice(0, 3), ['what there is', 'waiting until every process has let go of it', 'database']);
  for (const file of readdirSync(context.dataFolder).filter((name) => name.startsWith('registry.sqlite'))) {
    const bytes = readFileSync(join(context.dataFolder, file));
    for (const secret of secrets) assert.equal(bytes.indexOf(secret), -1, `${secret} in ${file}`);
  }
  const tried = await context
    .registry('sign_in_failures')
    .whereNot({ account: '' })
    .distinct('account')
    .pluck('account');
  assert.deepEqual(tried, [bolt.user]);
  const left = readdirSync(context.dataFolder, { recursive: true }).map(String);
  assert.deepEqual(
    left.filter((name) => name.includes(acme.customerId)),
    [],
  );
  assert.deepEqual(await runsOf(world, bolt.customerId), before);
  await assert.rejects(findCustomer(context, 'Acme'), /there is no customer "Acme"/);
  await assert.rejects(eraseCustomer(context, 'Acme'), /there is no customer "Acme"/);
});

test('an erasure that was cut short is ended by asking for it again', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const acme = await watched(world, 'Acme');
  const customers = { ...context.customers, forget: () => Promise.reject(new Error('cut')) };
  await assert.rejects(eraseCustomer({ ...context, customers }, 'Acme'), /cut/);
  assert.ok(readdirSync(context.customers.folder(acme.customerId)).length > 0);
  const receipt = await eraseCustomer(context, 'Acme');
  assert.equal(receipt.rows?.runs, 2);
  assert.throws(() => readdirSync(context.customers.folder(acme.customerId)), /ENOENT/);
});

test('who has the name of a customer whose erasure was cut short is not taken for it', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const old = await world.addCustomer('Acme');
  const customers = { ...context.customers, forget: () => Promise.reject(new Error('cut')) };
  await assert.rejects(eraseCustomer({ ...context, customers }, 'Acme'), /cut/);
  const present = await world.addCustomer('Acme');
  await assert.rejects(eraseCustomer(context, 'Acme'), /may mean two customers: say which by its id/);
  assert.equal((await eraseCustomer(context, old)).customer.id, old);
  assert.equal((await findCustomer(context, 'Acme')).id, present);
  assert.equal((await eraseCustomer(context, 'Acme')).customer.id, present);
});

test('an erasure that was cut short once the files were gone is ended by asking for it again', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const acme = await watched(world, 'Acme');
  const now = () => {
    if (existsSync(context.customers.folder(acme.customerId))) return context.now();
    throw new Error('cut');
  };
  const file = fileIn(world);
  await exportCustomer(context, acme.customerId, file);
  await assert.rejects(eraseCustomer({ ...context, now }, 'Acme'), /cut/);
  await assert.rejects(importCustomer(context, file), /its erasure was not ended; .*erase "Acme"/);
  assert.equal((await eraseCustomer(context, 'Acme')).rows?.runs, 2);
  assert.equal((await importCustomer(context, file)).customer.name, 'Acme');
});

test('another server takes the customer in under another name, without users whose passwords it can not check', async () => {
  await using world = await buildWorld();
  await using other = await buildWorld();
  const acme = await watched(world, 'Acme');
  const file = fileIn(world);
  await exportCustomer(world.context, acme.customerId, file);
  await eraseCustomer(world.context, 'Acme'); // on MariaDB both have their customers on one server
  await other.addCustomer('Beta');
  const named = (name: string) => importCustomer(other.context, file, { name });
  for (const name of ['Beta', 'BETA']) await assert.rejects(named(name), /another customer "Beta": .* --name/);
  const { customer, leftOut } = await importCustomer(other.context, file, { name: 'Acme of old' });
  assert.deepEqual([customer.name, leftOut], ['Acme of old', ['Acme-alice']]);
  assert.equal((await runsOf(other, acme.customerId)).length, 2);
});

test('what is here already, what is no export and what is damaged is refused, and nothing of it stays', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const acme = await watched(world, 'Acme');
  const file = fileIn(world);
  const about = await exportCustomer(context, acme.customerId, file);
  await assert.rejects(exportCustomer(context, acme.customerId, file), /there is a file .* already/);
  await assert.rejects(importCustomer(context, file), /is here already; erase it first/);
  await eraseCustomer(context, 'Acme');

  await assert.rejects(importCustomer(context, `${file}.not`), /there is no file/);
  const nonsense = fileIn(world);
  writeFileSync(nonsense, 'no database'.repeat(1000));
  await assert.rejects(importCustomer(context, nonsense), /is no export of a customer/);
  await assert.rejects(importCustomer(context, context.dataFolder), /is a folder, and a file is wanted/);
  await assert.rejects(
    importCustomer(context, join(context.dataFolder, 'registry.sqlite')),
    /is no export of a customer/,
  );
  const whole = readFileSync(file);
  truncateSync(file, whole.length - 4096);
  await assert.rejects(importCustomer(context, file));
  rmSync(file);
  writeFileSync(file, whole.toString('latin1').replace(`"rows":${about.tables.runs?.rows}`, '"rows":9'), 'latin1');
  await assert.rejects(importCustomer(context, file), /is not what the export says it has/);
  assert.deepEqual(await context.registry('customers'), []);
  assert.deepEqual(
    readdirSync(context.dataFolder).filter((name) => name.startsWith('import-')),
    [],
  );
  rmSync(file);
  writeFileSync(file, whole);
  await assert.rejects(importCustomer(context, file, { name: 'x'.repeat(201) }), /has 1 to 200 characters/);
  assert.equal((await importCustomer(context, file)).customer.name, 'Acme');
});

test('an export that somebody has changed lets nobody in elsewhere, and names no file but its own', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const [acme, bolt] = [await watched(world, 'Acme'), await watched(world, 'Bolt')];
  const whole = fileIn(world);
  await exportCustomer(context, acme.customerId, whole);
  await eraseCustomer(context, 'Acme');
  const changed = async (sql: string, ...values: string[]) => {
    const file = fileIn(world);
    copyFileSync(whole, file);
    using db = new DatabaseSync(file);
    assert.ok(Number(db.prepare(sql).run(...values).changes) > 0, sql);
    return file;
  };
  const set = (table: string, what: string) =>
    `update export_registry set row = json_set(row, ${what}) where table_name = '${table}'`;
  const about = (what: string) => `update export_about set about = json_set(about, ${what})`;
  const refused: [sql: string, why: RegExp][] = [
    [set('users', "'$.role', 'operator-admin', '$.customer_id', null"), /a row of users .* is not the customer's/],
    [set('users', "'$.role', 'operator'"), /a row of users .* is not the customer's/],
    [set('users', `'$.customer_id', '${bolt.customerId}'`), /a row of users .* is not the customer's/],
    [set('sentinel_keys', `'$.customer_id', '${bolt.customerId}'`), /a row of sentinel_keys .* is not the customer's/],
    [about("'$.customer.id', '../../elsewhere'"), /no export that this version can read/],
    [about("'$.customer.timeZone', 'Mars/Phobos'"), /no export that this version can read/],
    [about("'$.customer.businessHours', 'whenever'"), /no export that this version can read/],
    [about("'$.customer.archiveEraseMonths', -1"), /no export that this version can read/],
  ];
  const users = await context.registry('users').orderBy('id');
  for (const [sql, why] of refused) await assert.rejects(importCustomer(context, await changed(sql)), why, sql);
  assert.deepEqual(await context.registry('users').orderBy('id'), users);
  assert.deepEqual(await context.registry('customers').pluck('name'), ['Bolt']);

  // Its sums are whoever's who changed it, too.
  const path = '../../../../master-key';
  const file = await changed('update evidence set stored_sha256 = ?', path);
  using db = new DatabaseSync(file);
  db.exec("update export_about set about = json_remove(about, '$.tables.evidence')");
  await importCustomer(context, file);
  await assert.rejects(exportCustomer(context, acme.customerId, fileIn(world)), /no evidence is called/);
});

test('a backup makes the same server anew: its keys, operators, customers, their sentinels and users', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const [acme, bolt] = [await watched(world, 'Acme'), await watched(world, 'Bolt')];
  await addUser(context, { name: 'olga', role: 'operator', customerId: null, password });
  await suspendCustomer(context, { id: bolt.customerId, name: 'Bolt', timeZone: 'UTC', suspendedAt: null }, 'unpaid');
  const parent = mkdtempSync(join(tmpdir(), 'vedette-backup-'));
  const done = await backUp(context, parent);
  assert.deepEqual([Object.values(done.customers), done.failed], [['Acme', 'Bolt'], []]);

  const dataFolder = join(parent, 'restored');
  const config = { ...serverConfig({ dataFolder, logLevel: 'silent' }, {}), bcryptCost: 4 };
  assert.deepEqual(await restore(config, done.folder), { customers: ['Acme', 'Bolt'], failed: [], keysLeft: [] });
  await using server = await openContext(config);
  assert.deepEqual(server.authority.pins, context.authority.pins);
  for (const { customerId } of [acme, bolt]) {
    const runs = await server.customers.use(customerId, (db) => db('runs').orderBy('id'));
    assert.deepEqual(runs, await runsOf(world, customerId));
  }
  const { token } = await signIn(server, { name: 'olga', password }, from);
  assert.equal((await presentSession(server, tokenHash(token))).user.role, 'operator');
  const bolts = await server.registry<CustomerRow>('customers').where({ id: bolt.customerId }).first();
  assert.deepEqual([typeof bolts?.suspended_at, bolts?.suspended_why], ['number', 'unpaid']);
  const keysOf = (from: typeof context) => from.registry('sentinel_keys').orderBy('key_hash');
  assert.deepEqual(await keysOf(server), await keysOf(context));
  assert.deepEqual((await verifyTrail(slicesOf(trailOf(server, null)))).faults, []);
  await assert.rejects(restore(config, done.folder), /is not empty/);
  const elsewhere = { ...config, dataFolder: `${dataFolder}-2` };
  cpSync(done.folder, `${done.folder}-later.unfinished`, { recursive: true });
  const parentOf = (error: Error) => error.message.endsWith(`the newest of them ${done.folder}`);
  await assert.rejects(restore(elsewhere, parent), parentOf, 'what `backup` was given leads to what it made');
  await assert.rejects(restore(elsewhere, join(parent, 'none')), /there is no folder/);
  rmSync(parent, { recursive: true });
});

test('a customer that can not be restored is told of and tried again by itself, and holds up no other', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const parent = mkdtempSync(join(tmpdir(), 'vedette-backup-'));
  const { folder } = await backUp(context, parent);
  const file = join(folder, 'customers', `${acme}.vedette`);
  const whole = readFileSync(file);
  writeFileSync(file, 'no database'.repeat(1000));
  const dataFolder = join(parent, 'restored');
  const program = fileURLToPath(new URL('../cli.ts', import.meta.url));
  const ended = spawnSync(process.execPath, [program, 'restore', folder, '--data', dataFolder], { encoding: 'utf8' });
  const again = `vedette-server customer import "${file}" --data "${dataFolder}"`;
  assert.match(
    ended.stdout,
    /^NOT restored: "Acme" \(.*is no export of a customer, or damaged.*\)\. Try it again with: /,
  );
  assert.ok(ended.stdout.includes(`${again}\n`), ended.stdout);
  assert.match(ended.stdout, /Restored 1 customer into /);
  assert.equal(ended.status, 1);
  await using server = await openContext(serverConfig({ dataFolder, logLevel: 'silent' }, {}));
  assert.deepEqual(await server.registry('customers').pluck('id'), [bolt]);
  writeFileSync(file, whole);
  assert.equal((await importCustomer(server, file)).customer.id, acme);
  rmSync(parent, { recursive: true });
});
