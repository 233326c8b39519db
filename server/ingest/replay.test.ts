import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { pinnedTls } from '../../certs/pin.ts';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { apiPrefix, headers } from '../../sentinel/protocol/messages.ts';
import { buildWorld, type EnrolledSentinel, sentinelHeaders, type World } from '../build-world.ts';
import { revokeSentinel } from '../enrolment/revoke.ts';
import { buildRun } from './build-run.ts';

const times = process.env.VEDETTE_LONG === '1' ? 10_000 : 60;
/** Sent one behind the other without waiting. */
const atOnce = 20;

/** The bytes of a request as somebody could have caught them. */
function caught({ id, apiKey }: EnrolledSentinel, body: string, more: Record<string, string> = {}): string {
  const all = { host: 'localhost', 'content-type': 'application/json', ...sentinelHeaders(id, apiKey), ...more };
  const lines = Object.entries({ ...all, 'content-length': Buffer.byteLength(body) }).map(([k, v]) => `${k}: ${v}\r\n`);
  return `POST ${apiPrefix}/runs HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

async function dial({ server, context }: World): Promise<TLSSocket> {
  const trust = pinnedTls({ ca: context.authority.caPem, pins: new Set(context.authority.pins) });
  const socket = connect({ ...trust, host: '127.0.0.1', servername: 'localhost', port: server.port });
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends the same bytes so many times; how often each status was answered. */
async function replay(socket: TLSSocket, bytes: string, count: number): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  let answered = 0;
  for (let sent = 0; sent < count; ) {
    const next = Math.min(atOnce, count - sent);
    socket.write(bytes.repeat(next));
    for (sent += next; answered < sent; ) {
      const [data] = (await once(socket, 'data')) as [Buffer];
      for (const [, status = ''] of data.toString('latin1').matchAll(/HTTP\/1\.1 (\d+)/g)) {
        statuses[status] = (statuses[status] ?? 0) + 1;
        answered++;
      }
    }
  }
  return statuses;
}

test('a request that is caught and sent again adds nothing, however often, and is refused once the key is revoked', async () => {
  await using world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  const [plain, careful] = [await world.enrolled(customerId), await world.enrolled(customerId)];
  const { id: monitorId } = await world.context.customers.use(customerId, (db) => buildMonitor(db));
  const body = () => JSON.stringify({ runs: [buildRun({ monitorId }), buildRun({ monitorId })] });
  const ofPlain = caught(plain, body());
  const ofCareful = caught(careful, body(), { [headers.before]: 'none' });
  const count = () =>
    world.context.customers.use(customerId, async (db) => {
      const tables = ['runs', 'transaction_results', 'audit'];
      return Promise.all(tables.map(async (table) => Number((await db(table).count({ n: '*' }))[0]?.n)));
    });
  await using sockets = new AsyncDisposableStack();
  const socket = sockets.adopt(await dial(world), (socket) => void socket.destroy());
  assert.deepEqual([await replay(socket, ofPlain, 1), await replay(socket, ofCareful, 1)], [{ 200: 1 }, { 200: 1 }]);
  const before = await count();
  assert.equal(before[0], 4);
  // A sentinel that says which starts came before is known by its counter; of one that does not, the runs are there.
  assert.deepEqual(await replay(socket, ofPlain, times), { 200: times });
  assert.deepEqual(await replay(socket, ofCareful, times), { 403: times });
  assert.deepEqual(await count(), before);
  for (const { id } of [plain, careful]) await revokeSentinel(world.context, customerId, id);
  assert.deepEqual(await replay(socket, ofPlain, 10), { 401: 10 });
  assert.deepEqual(await replay(socket, ofCareful, 10), { 401: 10 });
});
