import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { before, test } from 'node:test';
import tls from 'node:tls';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { type BuiltCertificate, buildCa, buildCertificate } from '../../certs/build-certificates.ts';
import { spkiPin } from '../../certs/pin.ts';
import { Connection } from '../../sentinel/link/connection.ts';
import { httpProxy } from '../../sentinel/proxy-address.ts';
import { until } from '../faults/until.ts';

/*
 * A server that has the right key and means ill, or a proxy before it. It may refuse itself, but neither hold an attempt
 * beyond its deadline, nor fill memory, nor end the process.
 */

const long = process.env.VEDETTE_LONG === '1';
const deadlineMs = 300;
const mostBytes = 8 * 1024 * 1024;
let ca: BuiltCertificate;
let leaf: BuiltCertificate;

before(async () => {
  ca = await buildCa();
  leaf = await buildCertificate({ issuer: ca });
});

const answer = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));

/** What is said once a request has come. */
const sayings: Record<string, (socket: Duplex) => void> = {
  'a body without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    flood(socket, `10000\r\n${'x'.repeat(0x10000)}\r\n`);
  },
  'a body of a length that no memory has': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9007199254740991\r\n\r\n');
    flood(socket, 'x'.repeat(0x10000));
  },
  'a body byte by byte': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n');
    drip(socket, 'x');
  },
  'headers byte by byte': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx: ');
    drip(socket, 'y');
  },
  'nothing at all': () => {},
  'a header without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx: ');
    flood(socket, 'y'.repeat(0x10000));
  },
  'headers without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    flood(socket, 'x: y\r\n'.repeat(1000));
  },
  'trailers without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n');
    flood(socket, 'x: y\r\n'.repeat(1000));
  },
  'informational answers without end': (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
  'another protocol': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  'a body that unpacks to a thousand times its size': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
    socket.write(bomb);
  },
  'chunks that are none': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n'),
  'a chunk longer than a number': (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'f'.repeat(32)}\r\n`),
  'two lengths': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
  'a negative length': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}'),
  'an answer and another that nobody asked for': (socket) => socket.write(answer + answer),
  'no HTTP': (socket) => socket.write('\u0000\u0001\u0002 hello\r\n\r\n'),
};

for (const [what, say] of Object.entries(sayings)) {
  test(`${what}: the attempt ends, and the connection with it or unharmed`, async () => {
    await using server = await buildHostile(say);
    await attempt(server.port);
    await until('no connection is left', () => server.open.size === 0);
  });
}

test('an answer that is cut at any byte is no answer, and the next attempt goes on', async () => {
  for (const step = long ? 1 : 9, cut = { at: 0 }; cut.at < answer.length; cut.at += step) {
    await using server = await buildHostile((socket, reset) => {
      socket.write(answer.slice(0, cut.at), reset);
    });
    const { error } = await attempt(server.port);
    assert.ok(error, `cut at ${cut.at}`);
  }
});

const beforeTls: Record<string, (socket: net.Socket) => void> = {
  nothing: () => {},
  'no TLS': (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'a record without end': (socket) => {
    socket.write(Buffer.from([0x16, 3, 3, 0x40, 0]));
    drip(socket, 'x');
  },
  'noise without end': (socket) => flood(socket, Buffer.alloc(0x10000, 0xaa).toString('latin1')),
  'a reset': (socket) => socket.resetAndDestroy(),
};

for (const [what, say] of Object.entries(beforeTls)) {
  test(`instead of a handshake ${what}: the attempt ends, for a proxy too`, async () => {
    const open = new Set<net.Socket>();
    const server = net.createServer((socket) => {
      open.add(socket.on('error', () => {}).once('close', () => open.delete(socket)));
      socket.once('data', () => say(socket));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    assert.ok((await attempt(port)).error);
    assert.ok((await attempt(port, `http://127.0.0.1:${port}`)).error);
    for (const socket of open) socket.destroy();
    await new Promise((done) => server.close(done));
  });
}

test('another certificate by renegotiation: refused', async () => {
  const other = await buildCertificate({ issuer: await buildCa({ subject: 'CN=Somebody else' }) });
  let asked = 0;
  await using server = await buildHostile(
    (socket) => {
      asked++;
      if (!(socket instanceof tls.TLSSocket)) return;
      socket.setKeyCert(tls.createSecureContext({ cert: other.certPem, key: other.keyPem }));
      socket.renegotiate({}, (error) => {
        if (!error) socket.write(answer);
      });
    },
    { maxVersion: 'TLSv1.2' },
  );
  assert.ok((await attempt(server.port)).error);
  assert.equal(asked, 1);
});

test('many attempts leave nothing in memory', async () => {
  const rounds = long ? 10_000 / Object.keys(sayings).length : 2;
  let turn = 0;
  const says = Object.values(sayings).filter((say) => say !== sayings['nothing at all']);
  await using server = await buildHostile((socket) => says[turn++ % says.length]?.(socket));
  await using connection = connectionTo(server.port);
  let settled = 0;
  for (let round = 0; round < rounds; round++) {
    await Promise.all(says.map(() => exchange(connection)));
    if (round === 0) settled = memory();
  }
  await until('no connection is left', () => server.open.size <= 4);
  const grown = memory() - settled;
  assert.ok(grown < 50 * 1024 * 1024, `grown by ${Math.round(grown / 1024 / 1024)} MiB`);
});

function connectionTo(port: number, proxy?: string): Connection {
  const trust = { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) };
  return new Connection(`https://localhost:${port}`, trust, proxy === undefined ? {} : { proxy: httpProxy(proxy) });
}

/** One attempt on a connection of its own. That it returns is what is tested: nothing else would end it. */
async function attempt(port: number, proxy?: string) {
  await using connection = connectionTo(port, proxy);
  return await exchange(connection);
}

async function exchange(connection: Connection): Promise<{ bytes: number; error?: unknown }> {
  const asked = { method: 'POST', path: '/', body: '{}', deadlineMs } as const;
  try {
    const { body } = await connection.exchange(asked, new AbortController().signal);
    assert.ok(body.length <= mostBytes);
    return { bytes: body.length };
  } catch (error) {
    return { bytes: 0, error };
  }
}

/** A server with the right key that says `say` to each request. */
async function buildHostile(say: (socket: Duplex, reset: () => void) => void, more: tls.TlsOptions = {}) {
  const open = new Set<tls.TLSSocket>();
  const options = { cert: `${leaf.certPem}\n${ca.certPem}`, key: leaf.keyPem, ...more };
  const server = tls.createServer(options, (socket) => {
    open.add(socket.on('error', () => {}).once('close', () => open.delete(socket)));
    socket.on('data', (chunk: Buffer) => {
      if (chunk.includes('HTTP/1.1\r\n')) say(socket, () => raw.get(socket.remotePort)?.resetAndDestroy());
    });
  });
  const raw = new Map<number | undefined, net.Socket>();
  server.on('connection', (socket: net.Socket) => raw.set(socket.remotePort, socket));
  server.on('tlsClientError', () => {}); // who is refused may break off
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    open,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Writes as fast as the other side takes it. */
function flood(socket: Duplex, text: string): void {
  const more = () => {
    if (!socket.destroyed) socket.write(text, 'latin1', () => setImmediate(more));
  };
  more();
}

function drip(socket: Duplex, text: string): void {
  const timer = setInterval(() => socket.write(text), 10);
  socket.once('close', () => clearInterval(timer));
}

/** What the process holds after everything that can be let go was. */
function memory(): number {
  v8.setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
