import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import sharp from 'sharp';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { type CustomerDb, type CustomerId, connectionsEach } from '../../db/customers.ts';
import type { MysqlAddress } from '../../db/engines/mysql.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { until } from '../../test/faults/until.ts';
import { type MariaDb, mariaDb } from '../../test/mariadb.ts';
import { addCustomer, findCustomer, listCustomers } from '../accounts/customers.ts';
import { type NewCustomer, newCustomer } from '../accounts/new-customer.ts';
import { customersOverview } from '../accounts/overview.ts';
import { commandLine } from '../audit/audit.ts';
import { buildWorld, type World } from '../build-world.ts';
import type { ServerEvents } from '../http/context.ts';
import type { AskingSentinel } from '../http/sentinel-auth.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { FakeLease } from '../jobs/build-lease.ts';
import { LastSeenJob } from '../jobs/last-seen-job.ts';
import { RollupJob } from '../jobs/rollup-job.ts';
import { eraseCustomer } from '../keeping/erase.ts';
import { leftovers } from '../keeping/leftovers.ts';
import { hourOf } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { addressOf } from './customer-database.ts';
import { addDatabaseServer } from './database-servers.ts';

const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#cc3366' } })
  .webp()
  .toBuffer();

let mariadb: MariaDb;
before(async () => {
  mariadb = await mariaDb();
});
after(() => mariadb.close());

/**
 * A way to the database server that can be cut and opened again; cut, it refuses connections. Halted, it takes them and passes
 * on nothing. It can be told to pass on so many more, and to break those that come after. Disposed of, it is cut.
 */
async function buildWay(to: URL) {
  const open = new Set<Socket>();
  let [isHalted, left] = [false, Number.POSITIVE_INFINITY];
  const way = createServer((socket) => {
    left -= 1;
    if (left < 0) return void socket.destroy();
    const beyond = connect(Number(to.port), to.hostname);
    for (const end of [socket, beyond]) {
      open.add(end);
      end.on('error', () => {}).on('close', () => [socket, beyond].map((other) => other.destroy()));
    }
    if (!isHalted) socket.pipe(beyond).pipe(socket);
  });
  const listen = (port: number) => new Promise<void>((done) => way.listen(port, '127.0.0.1', done));
  await listen(0);
  const { port } = way.address() as AddressInfo;
  const cut = async () => {
    const closed = new Promise((done) => way.close(done));
    for (const socket of open) socket.destroy();
    await closed;
  };
  const halt = () => {
    isHalted = true;
    for (const socket of open) socket.unpipe().pause();
  };
  const mend = async () => {
    isHalted = false;
    if (!way.listening) await listen(port);
  };
  const passOn = (connections: number) => {
    left = connections;
  };
  return { port, cut, halt, mend, passOn, [Symbol.asyncDispose]: cut };
}

test('a server that starts before its database waits for it, and ends when it is told to', async () => {
  await using way = await buildWay(new URL(mariadb.url));
  await way.cut();
  await using made = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-early-'));
  made.defer(() => rmSync(folder, { recursive: true }));
  await mariadb.sql('create or replace database vedette_early');
  made.defer(async () => void (await mariadb.sql('set foreign_key_checks = 0; drop database vedette_early')));
  const program = fileURLToPath(new URL('../cli.ts', import.meta.url));
  const url = `${mariadb.url.replace(/:\d+$/, `:${way.port}`)}/vedette_early`;
  const environment = { ...process.env, VEDETTE_DATABASE_URL: url };
  const start = () => {
    const options = ['--data', folder, '--port', '0', '--json'];
    const child = spawn(process.execPath, [program, 'run', ...options], { env: environment });
    const exit = once(child, 'exit');
    made.defer(async () => {
      child.kill('SIGKILL');
      await exit;
    });
    return { child, exit };
  };
  const [early, stopped] = [start(), start()];
  const [told] = await Promise.all([once(early.child.stderr, 'data'), once(stopped.child.stderr, 'data')]);
  assert.match(String(told), /cannot .* the database vedette_early on .*waiting for it/);
  stopped.child.kill('SIGTERM');
  assert.deepEqual(await stopped.exit, [0, null]);
  await way.mend();
  const [line] = await once(early.child.stdout, 'data');
  assert.match(JSON.parse(String(line)).url, /^https:/);
  early.child.kill('SIGTERM');
  assert.deepEqual(await early.exit, [0, null]);
});

test('a customer whose database server is gone for ever is erased without it, and the receipt names what may be left', async () => {
  await using world = await buildWorld();
  await using way = await buildWay(new URL(mariadb.url));
  const { context } = world;
  await addDatabaseServer(context, 'far', mariadb.url.replace(/:\d+$/, `:${way.port}`));
  await addCustomer(context, 'Acme', { databaseServer: 'far' });
  await way.cut();
  await assert.rejects(eraseCustomer(context, 'Acme'), /gone for ever, with --without-database/);
  await assert.rejects(findCustomer(context, 'Acme'), /there is no customer/);
  await way.mend();
  await mariadb.sql("create or replace user powerless@'127.0.0.1'");
  await addDatabaseServer(context, 'far', `mysql://powerless@127.0.0.1:${way.port}`);
  const refused = /see that the administrator has the rights .* with --without-database/;
  await assert.rejects(
    eraseCustomer(context, 'Acme'),
    refused,
    'what is to be done is told whatever stands in the way',
  );
  await way.cut();
  const { left, rows } = await eraseCustomer(context, 'Acme', { withoutDatabase: true });
  const [, schema = '', port = ''] =
    /^the schema (vedette_\w+) on 127\.0\.0\.1:(\d+), with the account/.exec(left ?? '') ?? [];
  assert.deepEqual([Number(port), rows], [way.port, null]);
  await mariadb.sql(
    `drop user '${schema}'@'%', powerless@'127.0.0.1'; set foreign_key_checks = 0; drop database ${schema}`,
  );
});

test('a customer is added whole or not at all, wherever its database server goes away, and its name stays free', async () => {
  await using world = await buildWorld();
  await using way = await buildWay(new URL(mariadb.url));
  const { context } = world;
  await addDatabaseServer(context, 'far', mariadb.url.replace(/:\d+$/, `:${way.port}`));
  const add = () => newCustomer(context, 'Acme', { databaseServer: 'far' }, commandLine);
  let [added, tries]: [NewCustomer | undefined, number] = [undefined, 0];
  for (; !added; tries++) {
    way.passOn(tries);
    added = await add().catch(async (error: unknown) => {
      assert.equal(error instanceof Error && error.name, 'DatabaseUnusable', String(error));
      assert.deepEqual([await listCustomers(context), await context.registry('archive_keys')], [[], []]);
      return undefined;
    });
  }
  assert.ok(tries > 2, `it takes ${tries} connections`);
  way.passOn(Number.POSITIVE_INFINITY);
  const { id, archiveKey } = added;
  const told = ['customer-added', 'archive-key-added'];
  assert.deepEqual(await context.customers.use(id, (db) => db('audit').orderBy('id').pluck('action')), told);
  assert.deepEqual(await context.registry('audit').whereIn('action', told).orderBy('id').pluck('action'), told);
  assert.deepEqual(await context.registry('archive_keys').pluck('recipient'), [archiveKey]);
  const all = await leftovers(context, undefined, 0);
  assert.ok(all.length > 0 && all.every(({ path }) => !path.includes(id)));
  for (const one of all) await one.remove();
  await eraseCustomer(context, 'Acme');
});

/** Customers, each with a sentinel whose run names a picture: two on a server that can be halted, and one that is elsewhere. */
async function buildFar(world: World, far: string) {
  const { context } = world;
  const build = async (name: string) => {
    const { id } = await findCustomer(context, name);
    const monitor = await context.customers.use(id, (db) => buildMonitor(db));
    const sentinel = await world.enrolled(id);
    const report = () => {
      const named = { kind: 'screenshot' as const, sha256: sha256Hex(picture), bytes: picture.length };
      const evidence = [{ ...named, mediaType: 'image/webp' }];
      const run = buildFailedRun({ monitorId: monitor.id, startedAt: context.now(), evidence });
      return sentinel.ask('POST', `${apiPrefix}/runs`, { body: run });
    };
    const send = () =>
      sentinel.ask('PUT', `${apiPrefix}/evidence/${sha256Hex(picture)}`, {
        ...{ body: picture, headers: { 'content-type': 'image/webp' } },
      });
    assert.equal((await report()).status, 200);
    return { id, name, sentinel, report, send };
  };
  for (const name of ['Far', 'Farther']) await addCustomer(context, name, { databaseServer: far });
  await world.addCustomer('Near');
  return { far: [await build('Far'), await build('Farther')], near: await build('Near') };
}

test('customers of a database server that takes connections and answers nothing hold up nobody else', async () => {
  await using world = await buildWorld();
  await using begun = new AsyncDisposableStack(); // it waits for what hangs, until the way is cut
  await using way = await buildWay(new URL(mariadb.url));
  const { context } = world;
  context.events.removeAllListeners('runsStored'); // the server's own job is to leave the hours to that of the test
  await addDatabaseServer(context, 'far', mariadb.url.replace(/:\d+$/, `:${way.port}`));
  const { far, near } = await buildFar(world, 'far');
  for (const { id } of far) await context.customers.use(id, openAll);
  way.halt();
  const isFar = (id: CustomerId) => far.some((one) => one.id === id);
  const asked: CustomerId[] = [];
  const use: typeof context.customers.use = (id, work) => {
    asked.push(id);
    return context.customers.use(id, work);
  };
  const customers = { ...context.customers, use };

  const waiting = far.map(({ send }) => send());
  begun.defer(async () => void (await Promise.allSettled(waiting)));
  assert.equal((await near.send()).status, 204, 'a picture is taken');

  const overview = { patienceMs: 200, overdue: new Set<CustomerId>() };
  const seenAt = async () => (await customersOverview(context, overview)).customers.map((one) => one.isReadable);
  await until('operators see the one that is elsewhere', async () => (await seenAt()).join() === 'false,false,true');

  const apart = { ...context, customers, events: new EventEmitter<ServerEvents>() };
  const rollups = new RollupJob(apart, new FakeLease(1000), { quietMs: 1, turnMs: 50, sweepMs: 10, allMs: 10 });
  begun.defer(() => rollups.stop());
  await until('one that hangs is looked at', () => asked.some(isFar));
  await near.report();
  const dirty = () => context.customers.use(near.id, async (db) => (await db('dirty_hours')).length);
  await until('hours are rolled up', async () => (await dirty()) === 0);
  await until('all were looked at, and more than once', () => asked.filter((id) => id === near.id).length > 3);
  assert.deepEqual(asked.filter(isFar).sort(), far.map(({ id }) => id).sort(), 'nobody is worked on twice at once');
  await rollups.stop();

  const lastSeen = new LastSeenJob(apart, 50);
  begun.defer(() => lastSeen.stop());
  await context.customers.use(near.id, (db) => db('sentinels').update({ last_seen_at: null }));
  for (const { id, sentinel } of [...far, near]) {
    const asking = { customerId: id, sentinelId: sentinel.id } as AskingSentinel;
    apart.events.emit('sentinelSeen', asking, new Socket());
  }
  await lastSeen.stop();
  const [seen] = await context.customers.use(near.id, (db) => db('sentinels').pluck('last_seen_at'));
  assert.ok(seen > 0);

  await way.cut();
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ status }) => status),
    [503, 503],
  );
  await way.mend();
  for (const { name } of far) await eraseCustomer(context, name);
});

/** Has as many connections made as there may be: one that is idle hangs for as long as its server does. */
async function openAll(db: CustomerDb): Promise<void> {
  await Promise.all(Array.from({ length: connectionsEach }, () => db.raw('select sleep(0.02)')));
}

async function buildReporting() {
  const way = await buildWay(new URL(mariadb.url));
  process.env.VEDETTE_TEST_DATABASE = mariadb.url.replace(/:\d+$/, `:${way.port}`);
  const world = await buildWorld();
  const id = await world.addCustomer('Alice Ltd');
  const monitor = await world.context.customers.use(id, (db) => buildMonitor(db));
  const sentinel = await world.enrolled(id);
  const run = buildRun({ monitorId: monitor.id, startedAt: Date.now() });
  const report = () => sentinel.ask('POST', `${apiPrefix}/runs`, { body: { runs: [run] } });
  return {
    ...{ world, way, id, report },
    async [Symbol.asyncDispose]() {
      await way.mend(); // its schemas are removed by that way, however the test left it
      try {
        await world[Symbol.asyncDispose]();
      } finally {
        await way.cut();
      }
    },
  };
}

test('while the database server is away runs are refused with 503 and a time to come back, then taken, each once', async () => {
  await using reporting = await buildReporting();
  const { world, way, id, report } = reporting;
  const health = async () => {
    const { status, text, code } = await world.ask('GET', '/healthz');
    return [status, code ?? text];
  };
  assert.deepEqual(await health(), [200, 'ok\n']);
  await way.cut();
  const all = await Promise.all([health(), health(), health()]);
  assert.deepEqual(all, Array(3).fill([503, 'DATABASE_UNUSABLE']));
  const refused = await report();
  assert.deepEqual([refused.status, refused.code], [503, 'DATABASE_UNUSABLE']);
  assert.match(String(refused.headers['retry-after']), /^\d+$/);
  assert.doesNotMatch(refused.text, /127\.0\.0\.1|keeper|select/);
  await way.mend();
  assert.match((await report()).text, /"stored"/);
  assert.match((await report()).text, /"exists"/);
  assert.deepEqual(await health(), [200, 'ok\n']);
  assert.equal((await world.context.customers.use(id, (db) => db('runs'))).length, 1);
});

test('while the disk of the database server is full runs are refused with a time to come back, nothing of them stays, and then they are taken', async () => {
  await using reporting = await buildReporting();
  const { world, id, report } = reporting;
  const row = await world.context.registry<CustomerRow>('customers').where({ id }).first();
  const { database } = (await addressOf(world.context, row ?? assert.fail())) as MysqlAddress;
  const stored = () =>
    world.context.customers.use(id, async (db) => [(await db('runs')).length, (await db('dirty_hours')).length]);
  // As InnoDB and the server itself tell of it, in the midst of a transaction: the run's own row is written before.
  for (const [number, words] of Object.entries({
    1114: 'The table is full',
    1021: 'Disk full',
    1026: 'errno: 28',
    1030: 'Got error 28',
  })) {
    const full = `signal sqlstate 'HY000' set mysql_errno = ${number}, message_text = '${words}'`;
    await mariadb.sql(
      `create trigger ${database}.full before insert on ${database}.transaction_results for each row ${full}`,
    );
    const refused = await report();
    assert.deepEqual([refused.status, refused.code], [503, 'DATABASE_UNUSABLE'], `${number}: ${refused.text}`);
    assert.match(String(refused.headers['retry-after']), /^\d+$/);
    assert.deepEqual(await stored(), [0, 0]);
    await mariadb.sql(`drop trigger ${database}.full`);
  }
  assert.match((await report()).text, /"stored"/);
  assert.deepEqual(await stored(), [1, 1]);
});

test('a password changed by hand closes that customer alone, and it comes back with the password', async () => {
  await using reporting = await buildReporting();
  const { world, id, report } = reporting;
  const { context } = world;
  const row = await context.registry<CustomerRow>('customers').where({ id }).first();
  const { user, password } = (await addressOf(context, row ?? assert.fail())) as MysqlAddress;
  const bobs = await world.addCustomer('Bob Inc');
  const kill = `select concat('kill ', id, ';') from information_schema.processlist where user = '${user}'`;
  await mariadb.sql(`alter user '${user}'@'%' identified by 'changed by hand'`);
  await mariadb.sql((await mariadb.sql(kill)) || 'select 1');
  assert.equal((await report()).code, 'DATABASE_UNUSABLE');
  assert.deepEqual(await context.customers.use(bobs, (db) => db('runs')), []);
  await mariadb.sql(`alter user '${user}'@'%' identified by '${password}'`);
  assert.match((await report()).text, /"stored"/);
});

test('the clock of the database host is asked for nothing: where it stands in 1970 runs are filed and rolled up as ever', async () => {
  await using reporting = await buildReporting();
  const { id, report } = reporting;
  const { customers, now } = reporting.world.context;
  await customers.use(id, setClocksBack);
  const before = now();
  assert.match((await report()).text, /"stored"/);
  await customers.use(id, async (db) => {
    const [[{ clock }]] = await db.raw('select unix_timestamp() as clock');
    assert.equal(clock, 86_400);
    await rollUpDirty(db);
    const run = await db('runs').first();
    assert.ok(run.received_at >= before && run.received_at <= now(), `received at ${run.received_at}`);
    assert.deepEqual(await db('rollups').where({ transaction_id: 0 }).pluck('hour'), [hourOf(run.started_at)]);
  });
});

/** On every connection of the customer's, the database's clock stands at the second day of 1970. */
async function setClocksBack(db: CustomerDb): Promise<void> {
  let busy = 0;
  const all = Promise.withResolvers<void>();
  const setBack = async (trx: Knex) => {
    await trx.raw('set timestamp = 86400');
    busy += 1;
    if (busy === connectionsEach) all.resolve();
    await all.promise; // so that each takes one of its own
  };
  await Promise.all(Array.from({ length: connectionsEach }, () => db.transaction(setBack)));
}
