import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import { until } from '../../test/faults/until.ts';
import { type MariaDb, mariaDb } from '../../test/mariadb.ts';
import { atomically } from '../atomically.ts';
import { ConnectionLost, DatabaseUnusable } from '../database-unusable.ts';
import { migrate } from '../migrate.ts';
import { type MysqlAddress, mysqlAddress, openMysql, patiently } from './mysql.ts';

let server: MariaDb;
let address: MysqlAddress;
before(async () => {
  server = await mariaDb();
  await server.sql('create or replace database silence');
  address = { ...mysqlAddress(server.url), database: 'silence' };
});
after(async () => {
  await server.sql('drop database silence');
  await server.close();
});

test('a step of the schema, and what reads a whole table, may take an hour for a statement, and whoever comes after it two minutes', async () => {
  const one = openMysql(address);
  const patience = async (on: Knex) => (await on.client.acquireConnection()).stream.timeout;
  let during = 0;
  const up = async (trx: Knex) => {
    during = await patience(trx);
  };
  await migrate(one, [{ name: 'one', up }]);
  const after = await one.transaction(patience);
  const reading = await patiently(one, patience);
  assert.deepEqual([during, after], [3_600_000, 120_000]);
  assert.deepEqual([reading, await one.transaction(patience)], [3_600_000, 120_000]);
  await one.destroy();
});

const answers = (db: Knex) =>
  db.raw('select 1').then(
    () => true,
    () => false,
  );

/** That a server said nothing: to do the work again would take as long again. */
const saidNothing = (error: unknown) =>
  error instanceof DatabaseUnusable &&
  !(error instanceof ConnectionLost) &&
  / has answered nothing for 0.5 s: see /.test(error.message);

test('a statement that the server leaves without an answer is given up, not done again, and keeps nobody behind it', async () => {
  const one = openMysql(address, { silence: 500 });
  const begun: number[] = [];
  const work = atomically(one, async (trx) => {
    const [[{ id }]] = await trx.raw('select connection_id() as id');
    begun.push(id);
    await trx.raw('select sleep(60)');
  });
  await assert.rejects(work, saidNothing);
  assert.ok(begun.length <= 1, 'it is not tried again');
  for (const id of begun) await server.sql(`kill ${id}`).catch(() => {}); // it may have seen by itself that nobody is there
  await until('the next one gets a connection of its own', () => answers(one));
  await one.destroy();
});

/** A way to the server on which it is not told what says `lost`. */
async function buildWay(lost: string | Buffer) {
  const { hostname, port } = new URL(server.url);
  const way = createServer((socket) => {
    const beyond = connect(Number(port), hostname).on('data', (bytes) => socket.write(bytes));
    socket.on('data', (bytes: Buffer) => bytes.includes(lost) || beyond.write(bytes));
    socket.on('close', () => beyond.destroy());
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  const close = async () => {
    way.close();
    await once(way, 'close'); // when the last connection was
  };
  return { address: { ...address, port: (way.address() as AddressInfo).port }, close };
}

test('a server that hangs once it has let somebody in is given up, and nothing is left of the connection', async (t) => {
  const asked = t.mock.method(Socket.prototype, 'setKeepAlive');
  const way = await buildWay('set session');
  const one = openMysql(way.address, { silence: 500 });
  await assert.rejects(Promise.resolve(one.raw('select 1')), saidNothing);
  assert.deepEqual(asked.mock.calls[0]?.arguments, [true, 10_000], 'a machine that is gone is missed after seconds');
  await way.close();
  await one.destroy();
});

test('a program that starts beside a database that hangs waits for it, and ends when it is told to', async () => {
  const way = await buildWay('set session');
  const folder = mkdtempSync(join(tmpdir(), 'vedette-silence-'));
  const url = `${server.url.replace(/:\d+$/, `:${way.address.port}`)}/silence`;
  const env = { ...process.env, VEDETTE_DATABASE_URL: url };
  const program = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
  const early = spawn(process.execPath, [program, 'run', '--data', folder, '--port', '0'], { env });
  const [told] = await once(early.stderr, 'data');
  assert.match(String(told), /has answered nothing for 10 s: .*; waiting for it/);
  early.kill('SIGTERM');
  assert.deepEqual(await once(early, 'exit'), [0, null]);
  await way.close();
  rmSync(folder, { recursive: true });
});

test('a server that does not hear the goodbye is left nevertheless', async () => {
  const way = await buildWay(Buffer.from([1, 0, 0, 0, 1])); // COM_QUIT
  const one = openMysql(way.address, { silence: 500 });
  await until('it is there', () => answers(one));
  await one.destroy();
  await way.close();
});
