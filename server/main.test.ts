import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { buildMonitor } from '../db/customer/build-customer.ts';
import type { Customers } from '../db/customers.ts';
import { SchemaTooNew } from '../db/migrate.ts';
import { openRegistry } from '../db/registry/registry.ts';
import { addCustomer } from './accounts/customers.ts';
import { buildWorld } from './build-world.ts';
import { serverConfig } from './config.ts';
import { closeContext, openContext } from './http/context.ts';
import { buildRun } from './ingest/build-run.ts';
import { ingest } from './ingest/ingest.ts';
import { startServer } from './main.ts';

function tempData(more: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-main-'));
  const dataFolder = join(folder, 'data');
  const config = serverConfig({ dataFolder, port: 0, logLevel: 'silent', ...more }, {});
  return { folder, dataFolder, config, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

async function protocolOf(port: number, ca: string, maxVersion: tls.SecureVersion): Promise<string | null> {
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    ca,
    minVersion: 'TLSv1',
    maxVersion,
    ciphers: 'DEFAULT:@SECLEVEL=0',
  });
  try {
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return socket.getProtocol();
  } finally {
    socket.destroy();
  }
}

test('it speaks TLS 1.3 and 1.2, and nothing older', async () => {
  await using world = await buildWorld();
  const { caPem } = world.context.authority;
  assert.equal(await protocolOf(world.server.port, caPem, 'TLSv1.3'), 'TLSv1.3');
  assert.equal(await protocolOf(world.server.port, caPem, 'TLSv1.2'), 'TLSv1.2');
  await assert.rejects(protocolOf(world.server.port, caPem, 'TLSv1.1'));
});

test('what it keeps is for its owner alone', { skip: process.platform === 'win32' }, async () => {
  await using world = await buildWorld();
  const id = await world.addCustomer('Acme');
  const { dataFolder, customers } = world.context;
  for (const folder of [
    dataFolder,
    join(dataFolder, 'certs'),
    join(dataFolder, 'customers'),
    customers.folder(id),
    join(customers.folder(id), 'evidence'),
  ]) {
    assert.equal(statSync(folder).mode & 0o077, 0, folder);
  }
  const files = [
    ...['password-key', 'registry.sqlite', 'certs/authority.pem', 'certs/server.pem'],
    ...['script-key.pem', 'live.sqlite'].map((name) => join('customers', id, name)),
  ];
  for (const file of files.map((name) => join(dataFolder, name))) {
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
  }
});

test('a second start finds everything as it was', async () => {
  using data = tempData();
  const first = await startServer(data.config);
  const { pins, caPem } = first.context.authority;
  const { passwordKeys } = first.context;
  await first.close();
  const second = await startServer(data.config);
  assert.deepEqual([second.context.authority.pins, second.context.authority.caPem], [pins, caPem]);
  assert.deepEqual(second.context.passwordKeys, passwordKeys);
  await second.close();
});

test('a port in use is named with what to do, and the next start works', async () => {
  using data = tempData();
  await using world = await buildWorld();
  const taken = startServer({ ...data.config, port: world.server.port });
  await assert.rejects(taken, {
    name: 'Refused',
    message: /cannot listen on 127\.0\.0\.1 port \d+ \(EADDRINUSE\): .*--port/,
  });
  await (await startServer(data.config)).close();
});

test('a folder that cannot be written is named with what to do', async () => {
  using data = tempData();
  writeFileSync(data.dataFolder, 'not a folder');
  await assert.rejects(startServer(data.config), {
    name: 'FolderUnusable',
    message: /cannot write in the folder .*data \(EEXIST\): .*choose another/,
  });
});

test('a registry of a newer version is refused and stays as it is', async () => {
  using data = tempData();
  await (await startServer(data.config)).close();
  const registry = await openRegistry(join(data.dataFolder, 'registry.sqlite'));
  await registry('schema_steps').insert({ position: 99, name: '0099 from the future' });
  await registry.destroy();
  await assert.rejects(startServer(data.config), (error: Error) => {
    assert.ok(error instanceof SchemaTooNew);
    assert.match(error.message, /0099 from the future/);
    return true;
  });
  await assert.rejects(openRegistry(join(data.dataFolder, 'registry.sqlite')), SchemaTooNew);
});

test('a registry that is gone is not made anew where customers’ databases are', async () => {
  using data = tempData();
  const context = await openContext(data.config);
  const { id } = await addCustomer(context, 'Acme');
  assert.ok(existsSync(join(context.customers.folder(id), 'live.sqlite')));
  await closeContext(context);
  const file = join(data.dataFolder, 'registry.sqlite');
  rmSync(file);
  const message = /registry\.sqlite is not there, though it was used before; nothing was made in its place: mount/;
  await assert.rejects(openContext(data.config), { name: 'DatabaseUnusable', message });
  assert.ok(!existsSync(file));
});

test('files that a crash left half-made do not harm the next start', async () => {
  using data = tempData();
  await (await startServer(data.config)).close();
  writeFileSync(join(data.dataFolder, 'certs', 'server.pem.1234.draft'), '-----BEGIN');
  writeFileSync(join(data.dataFolder, 'certs', 'server.pem'), '');
  rmSync(join(data.dataFolder, 'registry.sqlite'));
  rmSync(join(data.dataFolder, 'registry-place')); // which comes after it
  for (const name of readdirSync(data.dataFolder)) {
    if (/registry\.sqlite-/.test(name)) rmSync(join(data.dataFolder, name));
  }
  await (await startServer(data.config)).close();
  assert.ok(existsSync(join(data.dataFolder, 'registry.sqlite')));
});

test('a command on the data folder leaves the certificate of a server with host names as it is', async () => {
  using data = tempData({ hostNames: ['vedette.example'] });
  await (await startServer(data.config)).close();
  const file = join(data.dataFolder, 'certs', 'server.pem');
  const before = readFileSync(file, 'utf8');
  await (await openContext({ ...data.config, hostNames: [] }))[Symbol.asyncDispose]();
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('two servers on one data folder take the same runs at the same time, and each run is there once', async () => {
  await using world = await buildWorld();
  const { dataFolder, customers } = world.context;
  const acme = await world.addCustomer('Acme');
  const { id } = await world.enrolled(acme);
  const other = await startServer(serverConfig({ dataFolder, port: 0, logLevel: 'silent' }, {}));
  try {
    const { id: monitorId } = await customers.use(acme, (db) => buildMonitor(db));
    const runs = Array.from({ length: 40 }, () => buildRun({ monitorId }));
    const sentinel = { id, locationId: 'utrecht' };
    const take = (by: Customers, at: number) =>
      by.use(acme, (db) => ingest(db, sentinel, runs.slice(at, at + 10), world.context.now()));
    const answers = await Promise.all(
      [0, 10, 20, 30].flatMap((at) => [take(customers, at), take(other.context.customers, at)]),
    );
    const count = (status: string) => answers.flat().filter((answer) => answer.status === status).length;
    assert.deepEqual([count('stored'), count('exists')], [40, 40]);
    assert.equal((await customers.use(acme, async (db) => db('runs'))).length, 40);
  } finally {
    await other.close();
  }
});

test('it stops at once although clients keep their connections open', async () => {
  using data = tempData();
  const server = await startServer(data.config);
  const socket = tls.connect({ port: server.port, host: '127.0.0.1', ca: server.context.authority.caPem });
  socket.write('GET /certs/ca.pem HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  await server.close();
  await ended;
});
