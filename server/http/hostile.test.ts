import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pinnedTls } from '../../certs/pin.ts';
import { apiPrefix, maxBatchBytes } from '../../sentinel/protocol/messages.ts';
import { until } from '../../test/faults/until.ts';
import { buildWorld, type EnrolledSentinel, sentinelHeaders, type World } from '../build-world.ts';

/** A client that says over a pinned connection whatever it likes. */
async function say(world: World, text: string | Buffer, from = '127.0.0.1') {
  const socket = await dial(world, from);
  socket.write(text);
  return socket;
}

async function dial({ server, context }: World, localAddress: string): Promise<TLSSocket> {
  const trust = { ca: context.authority.caPem, pins: new Set(context.authority.pins) };
  const to: ConnectionOptions & { localAddress: string } = {
    ...pinnedTls(trust),
    ...{ host: '127.0.0.1', servername: 'localhost', port: server.port, localAddress },
  };
  const socket = connect(to);
  await once(socket, 'secureConnect');
  return socket;
}

/** All that is answered until the server closes, which it must. */
async function answerTo(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1');
  });
  await closed(socket);
  return text;
}

/** Returns once it is closed, by a reset or otherwise. */
async function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

const line = `POST ${apiPrefix}/heartbeats HTTP/1.1\r\nhost: localhost\r\n`;
const smuggled = `GET ${apiPrefix}/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n`;

/** Requests on which two readers could differ about where they end, or that would put a line of their own somewhere. */
const ambiguous: Record<string, string> = {
  'a length and chunks': `${line}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  'chunks and a length': `${line}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
  'two lengths': `${line}content-length: 0\r\ncontent-length: 5\r\n\r\n${smuggled}`,
  'two lengths in one header': `${line}content-length: 0, 5\r\n\r\n${smuggled}`,
  'a length with a sign': `${line}content-length: +0\r\n\r\n${smuggled}`,
  'a folded header': `${line}x-a: b\r\n c: d\r\ncontent-length: 0\r\n\r\n`,
  'a bare line feed': `${line}x-a: b\ncontent-length: 0\r\n\r\n`,
  'a bare carriage return': `${line}x-a: b\rcontent-length: 5\r\n\r\n`,
  'a space before the colon': `${line}content-length : 5\r\n\r\n`,
  'a zero byte in a header': `${line}x-a: b\0c\r\ncontent-length: 0\r\n\r\n`,
  'a chunk length that is none': `${line}transfer-encoding: chunked\r\n\r\nZZ\r\n\r\n`,
  'an unknown coding': `${line}transfer-encoding: chunked, cow\r\n\r\n0\r\n\r\n`,
  'no host': `GET ${apiPrefix}/assignments HTTP/1.1\r\n\r\n`,
  'two hosts': `GET ${apiPrefix}/assignments HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n`,
  'no HTTP at all': 'hello\r\n\r\n',
};

test('requests that two readers could read differently are refused, and the connection is closed', async () => {
  await using world = await buildWorld();
  for (const [what, text] of Object.entries(ambiguous)) {
    const answer = await answerTo(await say(world, text));
    assert.match(answer, /^HTTP\/1\.1 400 /, what);
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, `${what}: what is smuggled is not answered`);
  }
  const huge = await answerTo(await say(world, `${line}x-a: ${'a'.repeat(2_000_000)}\r\n\r\n`));
  assert.match(huge, /^HTTP\/1\.1 431 /);
  for (const header of ['content-security-policy: ', 'x-content-type-options: nosniff', 'referrer-policy: no-referrer'])
    assert.ok(huge.toLowerCase().includes(`\r\n${header}`), header);
  assert.equal(huge.split('\r\n\r\n').length, 2, 'one head and no body');
});

const heartbeat = Buffer.from(
  JSON.stringify({
    ...{ version: '1', platform: 'x', sandboxLevel: 1, problems: [] },
    spool: { runs: 0, rejected: 0, dropped: 0 },
  }),
);

/** A request of this sentinel, up to its body. */
function head({ id, apiKey }: EnrolledSentinel, path: string, more: Record<string, string | number>): string {
  const all = { host: 'localhost', 'content-type': 'application/json', ...sentinelHeaders(id, apiKey), ...more };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${apiPrefix}${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

test('whoever is slow to shake hands, to say what it wants, or to send a body is cut off, and others are answered', async () => {
  const slowest = { handshakeMs: 300, headersMs: 300, requestMs: 2500, idleMs: 400, keepAliveMs: 400 };
  const limits = { ...slowest, slowStartMs: 300, lookEveryMs: 50 };
  await using world = await buildWorld({ limits });
  const sentinel = await world.enrolled(await world.addCustomer('Acme'));
  const post = (length: number) => head(sentinel, '/heartbeats', { 'content-length': length });
  const slow: [string, Promise<Socket>, string][] = [
    ['says nothing', dialTcp(world), ''],
    ['is silent after the handshake', dial(world, '127.0.0.1'), ''],
    ['drips headers', say(world, line), 'x'],
    ['drips a body', say(world, post(60_000)), ' '],
    ['stops in a body', say(world, `${post(60_000)}{`), ''],
    ['is silent after an answer', say(world, Buffer.concat([Buffer.from(post(heartbeat.length)), heartbeat])), ''],
  ];
  const gone = slow.map(async ([, dialled, drip]) => {
    const socket = await dialled;
    const timer = setInterval(() => drip && socket.writable && socket.write(drip), 40);
    socket.resume();
    await closed(socket);
    clearInterval(timer);
  });
  const ended = new Set<string>();
  for (const [i, end] of gone.entries()) void end.then(() => ended.add(slow[i]?.[0] ?? ''));
  const beat = () => sentinel.ask('POST', `${apiPrefix}/heartbeats`, { body: heartbeat });
  // On a busy machine the connection it was kept on may be cut off at that very moment, as any client's.
  await until('another is answered', async () => (await beat().catch(() => undefined))?.status === 200);
  const names = slow.map(([what]) => what);
  await until('all are cut off', () => ended.size === slow.length, {
    tell: () => names.filter((what) => !ended.has(what)).join(', '),
  });
});

test('a connection is kept from one heartbeat to the next: a handshake for each would be most of what a server does', async () => {
  await using world = await buildWorld();
  const sentinel = await world.enrolled(await world.addCustomer('Acme'));
  const answer = await sentinel.ask('POST', `${apiPrefix}/heartbeats`, { body: heartbeat });
  const [, seconds] = /timeout=(\d+)/.exec(String(answer.headers['keep-alive'])) ?? [];
  assert.ok(Number(seconds) > 35, `a heartbeat comes each 30 s, the connection is kept for ${seconds}`);
});

async function dialTcp({ server }: World): Promise<Socket> {
  const socket = connectTcp(server.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

test('one address has but so many connections that do not say who they are; those of sentinels are not counted', async () => {
  await using world = await buildWorld({ limits: { strangersPerAddress: 5 } });
  const sentinel = await world.enrolled(await world.addCustomer('Acme'));
  const from = '127.0.0.9';
  const known = async () => {
    const request = Buffer.concat([
      Buffer.from(head(sentinel, '/heartbeats', { 'content-length': heartbeat.length })),
      heartbeat,
    ]);
    const socket = await say(world, request, from);
    await once(socket, 'data');
    return socket;
  };
  await using sockets = new AsyncDisposableStack();
  for (let i = 0; i < 10; i++) sockets.adopt(await known(), (socket) => void socket.destroy());
  for (let i = 0; i < 5; i++) sockets.adopt(await dial(world, from), (socket) => void socket.destroy());
  await assert.rejects(dial(world, from), /ECONNRESET|disconnected/);
  assert.equal((await sentinel.ask('POST', `${apiPrefix}/heartbeats`, { body: heartbeat })).status, 200);
});

test('a sentinel has but so many connections: of more than that the one used longest is ended, those of others stay', async () => {
  await using world = await buildWorld({ limits: { connectionsPerSentinel: 3 } });
  const customerId = await world.addCustomer('Acme');
  const [sentinel, other] = [await world.enrolled(customerId), await world.enrolled(customerId)];
  const known = async (who: EnrolledSentinel) => {
    const socket = await say(world, head(who, '/heartbeats', { 'content-length': heartbeat.length }) + heartbeat);
    await once(socket, 'data');
    return socket;
  };
  const neighbour = await known(other);
  const sockets: TLSSocket[] = [];
  for (let i = 0; i < 5; i++) sockets.push(await known(sentinel));
  await Promise.all(sockets.slice(0, 2).map(closed));
  neighbour.write(head(other, '/heartbeats', { 'content-length': heartbeat.length }) + heartbeat);
  await once(neighbour, 'data');
  assert.deepEqual(
    sockets.map(({ closed }) => closed),
    [true, true, false, false, false],
  );
  for (const socket of [...sockets, neighbour]) socket.destroy();
});

test('a question for news that names two hosts is refused like any other request, although it is answered apart', async () => {
  await using world = await buildWorld();
  const sentinel = await world.enrolled(await world.addCustomer('Acme'));
  const { headers } = await sentinel.ask('GET', `${apiPrefix}/assignments`);
  const waits = { 'if-none-match': String(headers.etag), prefer: 'wait=1' };
  assert.equal((await sentinel.ask('GET', `${apiPrefix}/assignments`, { headers: waits })).status, 304);
  const question = head(sentinel, '/assignments', waits).replace('POST', 'GET');
  const twice = question.replace('host: localhost', 'host: localhost\r\nhost: other');
  assert.match(await answerTo(await say(world, twice)), /^HTTP\/1\.1 400 /);
});

test('handshakes begin at a steady pace: those who come together are let in one after the other', async () => {
  const perSecond = 50;
  await using world = await buildWorld({ limits: { handshakesPerSecond: perSecond } });
  const began = performance.now();
  const sockets = await Promise.all(Array.from({ length: 25 }, () => dial(world, '127.0.0.1')));
  // Five at once, and twenty more at fifty a second.
  assert.ok(performance.now() - began > 350, `${performance.now() - began} ms`);
  for (const socket of sockets) socket.destroy();
});

test('who begins a handshake and does not go on keeps others waiting for a second, and no longer', async () => {
  await using world = await buildWorld({ limits: { handshakesPerSecond: 20 } });
  const began = performance.now();
  const silent = await Promise.all(Array.from({ length: 17 }, () => dialTcp(world)));
  const next = await dial(world, '127.0.0.2');
  assert.ok(performance.now() - began > 990, `${performance.now() - began} ms`);
  for (const socket of [...silent, next]) socket.destroy();
});

test('a bomb is refused before it has grown, whatever it is packed with, and so is one packing in another', async () => {
  await using world = await buildWorld();
  const sentinel = await world.enrolled(await world.addCustomer('Acme'));
  const zeros = Buffer.alloc(200 * 1024 * 1024);
  const bombs: [string, Buffer][] = [
    ['gzip', gzipSync(zeros, { level: 1 })],
    ['zstd', zstdCompressSync(zeros)],
  ];
  for (const [packing, bomb] of bombs) {
    assert.ok(bomb.length < maxBatchBytes, 'it is small enough to be looked at');
    const before = process.memoryUsage().arrayBuffers;
    const send = { body: bomb, headers: { 'content-encoding': packing } };
    const answers = await Promise.all([1, 2, 3].map(() => sentinel.ask('POST', `${apiPrefix}/runs`, send)));
    for (const answer of answers) assert.equal(answer.code, 'BODY_TOO_LARGE');
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 3 * 16 * 1024 * 1024, `${grown} bytes for three`);
  }
  const twice = { body: gzipSync(gzipSync('{}')), headers: { 'content-encoding': 'gzip, gzip' } };
  assert.equal((await sentinel.ask('POST', `${apiPrefix}/runs`, twice)).code, 'ENCODING');
  // A frame of nine bytes that asks for a window of 128 MiB.
  const window = Buffer.from('28b52ffd0088010000', 'hex');
  const wide = { body: window, headers: { 'content-encoding': 'zstd' } };
  assert.match((await sentinel.ask('POST', `${apiPrefix}/runs`, wide)).text, /not what its content-encoding says/);
});
