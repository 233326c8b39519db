import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildCa, buildCertificate } from '../../certs/build-certificates.ts';
import { PinMismatch, spkiPin, type Trust } from '../../certs/pin.ts';
import { buildProxy } from '../build-proxy.ts';
import { buildServer } from '../build-server.ts';
import { httpProxy } from '../proxy-address.ts';
import { Connection, type ConnectionSettings, IdleConnectionLost } from './connection.ts';
import { explain } from './explain.ts';
import { endedAt, neverLeft, phaseOf } from './phase.ts';

const never = new AbortController().signal;
/** Each on a connection of its own: one that the server is about to close could still be taken for the next. */
const headers = { connection: 'close' };
const ask = { method: 'POST', path: '/', headers, body: 'secret', deadlineMs: 30_000 } as const;

async function statusOf(connection: Connection): Promise<number> {
  return (await connection.exchange(ask, never)).status;
}

/** The sentence that a person reads. */
async function refusal(server: string, trust: Trust, settings: ConnectionSettings = {}): Promise<string> {
  await using connection = new Connection(server, trust, settings);
  try {
    await connection.exchange(ask, never);
  } catch (error) {
    return explain(error, connection.address);
  }
  throw new Error('it was served');
}

class MemoryStore {
  trust: Trust;
  kept = 0;
  constructor(trust: Trust) {
    this.trust = trust;
  }
  read(): Trust {
    return this.trust;
  }
  keep(trust: Trust): void {
    this.trust = trust;
    this.kept++;
  }
}

const kept = { method: 'GET', path: '/', deadlineMs: 30_000 } as const;

test('an idle connection that ends as it is taken is told from a new one that is cut', async () => {
  await using server = await buildServer(() => (server.requests.length > 1 ? 'cut' : {}));
  await using connection = new Connection(server.url, server.trust);
  await connection.exchange(kept, never);
  await assert.rejects(connection.exchange(kept, never), IdleConnectionLost);
  await assert.rejects(connection.exchange(kept, never), { name: 'Error', code: 'ECONNRESET' });
  assert.equal(server.requests.length, 3);
});

test('what a server says before its answer is passed over', async () => {
  await using server = await buildServer(() => (response) => {
    response.writeContinue();
    response.writeEarlyHints({ link: '</>; rel=preload' });
    response.writeHead(204).end();
  });
  await using connection = new Connection(server.url, server.trust);
  assert.equal(await statusOf(connection), 204);
});

test('an answer that comes packed is unpacked, but no more of it than an answer may have', async () => {
  const packed = (body: Buffer) => ({ text: gzipSync(body, { level: 1 }), headers: { 'content-encoding': 'gzip' } });
  const answers = [
    { text: Buffer.concat([gzipSync('one '), gzipSync('two')]), headers: { 'content-encoding': 'gzip' } },
    packed(Buffer.alloc(8 * 1024 * 1024)),
    packed(Buffer.alloc(64 * 1024 * 1024)),
    { text: 'no gzip', headers: { 'content-encoding': 'gzip' } },
    { text: gzipSync('cut short').subarray(0, -6), headers: { 'content-encoding': 'gzip' } },
  ];
  await using server = await buildServer(() => answers.shift() ?? {});
  await using connection = new Connection(server.url, server.trust);
  const next = () => connection.exchange(kept, never);
  assert.equal((await next()).body.toString(), 'one two');
  assert.equal((await next()).body.length, 8 * 1024 * 1024);
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(next(), /can't be unpacked \(ERR_BUFFER_TOO_LARGE\), or is longer than 8388608 bytes/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 40 * 1024 * 1024);
  await assert.rejects(next(), /can't be unpacked \(Z_DATA_ERROR\)/);
  await assert.rejects(next(), /can't be unpacked \(Z_BUF_ERROR\)/);
  assert.equal(server.requests[0]?.headers['accept-encoding'], 'gzip');
});

test('new trust leaves a request its answer, and then closes the connection', async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await buildServer(() => (response) => {
    connection.trust(server.trust);
    response.socket?.once('close', () => closed.resolve());
    response.end('{}');
  });
  await using connection = new Connection(server.url, server.trust);
  assert.equal((await connection.exchange(kept, never)).status, 200);
  await closed.promise;
});

test('a server that goes over to its backup key is served on: its authority is learnt by the pin, and kept', async () => {
  await using server = await buildServer(() => ({}));
  const backup = await buildCa({ subject: 'CN=Vedette authority 2, O=Vedette' });
  const store = new MemoryStore({ ca: server.trust.ca, pins: new Set([server.pin, spkiPin(backup.raw)]) });
  await using connection = new Connection(server.url, store.trust, { store });
  assert.equal(await statusOf(connection), 200);
  await server.goOverTo(backup);
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map(() => statusOf(connection))), [200, 200, 200, 200]);
  assert.equal(store.trust.ca.trim(), backup.certPem.trim());
  await using restarted = new Connection(server.url, store.trust, { store });
  const kept = store.kept;
  assert.equal(await statusOf(restarted), 200);
  assert.equal(store.kept, kept, 'what was learnt is trusted from then on');
});

test('an authority that no pin proves is not learnt, and the sentence tells how to give the new pin', async () => {
  await using server = await buildServer(() => ({}));
  const stranger = await buildCa({ subject: 'CN=Vedette authority 3, O=Vedette' });
  await server.goOverTo(stranger);
  const store = new MemoryStore(server.trust);
  const said = await refusal(server.url, server.trust, { store });
  assert.match(
    said,
    /signed by CN=Vedette authority 3, O=Vedette\. .*vedette-sentinel repin --pin PIN.* Nothing was sent/,
  );
  assert.ok(said.includes(spkiPin(stranger.raw)));
  assert.deepEqual([server.requests.length, store.kept], [0, 0]);
});

test('a pin that is given meanwhile counts at the next try', async () => {
  await using server = await buildServer(() => ({}));
  const next = await buildCa();
  const store = new MemoryStore(server.trust);
  await using connection = new Connection(server.url, server.trust, { store });
  await server.goOverTo(next);
  await assert.rejects(statusOf(connection), PinMismatch);
  store.trust = { ca: server.trust.ca, pins: new Set([spkiPin(next.raw)]) };
  assert.equal(await statusOf(connection), 200);
});

test('where a certificate is refused for its dates the clock of this device is named: that may be what is wrong', async () => {
  await using server = await buildServer(() => ({}));
  const { pin } = server;
  for (const wishes of [
    { notAfter: new Date(Date.now() - 3_600_000) },
    { notBefore: new Date(Date.now() + 3_600_000) },
  ]) {
    const ca = await buildCa();
    await server.goOverTo(ca, await buildCertificate({ issuer: ca, ...wishes }));
    const said = await refusal(server.url, { ca: ca.certPem, pins: new Set([pin, spkiPin(ca.raw)]) });
    assert.ok(said.includes(`by this device's clock, on which it is ${new Date().toISOString().slice(0, 10)}`), said);
    assert.match(said, /set the clock.*\[CERT_(NOT_YET_VALID|HAS_EXPIRED)\]$/);
  }
});

test('the name and the dates count for a learnt authority too', async () => {
  for (const wishes of [{ names: ['elsewhere.example'] }, { notAfter: new Date(Date.now() - 3_600_000) }]) {
    await using server = await buildServer(() => ({}));
    const backup = await buildCa();
    await server.goOverTo(backup, await buildCertificate({ issuer: backup, ...wishes }));
    const pins = new Set([spkiPin(backup.raw)]);
    assert.match(await refusal(server.url, { ca: server.trust.ca, pins }), /altnames|by this device's clock/);
    assert.equal(server.requests.length, 0);
  }
});

test('through a proxy the pin is checked inside the tunnel', async () => {
  await using server = await buildServer(() => ({}));
  await using proxy = await buildProxy();
  await using connection = new Connection(server.url, server.trust, { proxy: httpProxy(proxy.url) });
  assert.deepEqual([await statusOf(connection), await statusOf(connection)], [200, 200]);
  assert.deepEqual(proxy.seen.connects, [connection.address, connection.address]);
  const stranger = { ca: server.trust.ca, pins: new Set([`${'A'.repeat(43)}=`]) };
  assert.match(await refusal(server.url, stranger, { proxy: httpProxy(proxy.url) }), /signed by CN=Vedette test/);
  assert.equal(server.requests.length, 2);
});

test('a proxy gets name and password if it wants them, and no sentence has them', async () => {
  await using server = await buildServer(() => ({}));
  await using proxy = await buildProxy({ authorization: `Basic ${Buffer.from('desk:p@ss').toString('base64')}` });
  const address = (login: string) => httpProxy(proxy.url.replace('://', `://${login}@`));
  await using connection = new Connection(server.url, server.trust, { proxy: address('desk:p%40ss') });
  assert.equal(await statusOf(connection), 200);
  const said = await refusal(server.url, server.trust, { proxy: address('desk:canary') });
  assert.match(said, /the proxy http:\/\/127\.0\.0\.1:\d+ did not let it through \(HTTP 407\): it wants a name/);
  assert.doesNotMatch(said, /canary/);
});

test('a proxy that is not there is named, not the server', async () => {
  await using server = await buildServer(() => ({}));
  const proxy = httpProxy('http://127.0.0.1:9');
  assert.match(await refusal(server.url, server.trust, { proxy }), /the proxy http:\/\/127\.0\.0\.1:9 does not answer/);
});

test('a proxy that re-signs TLS is refused with its own name, and reads nothing', async () => {
  await using server = await buildServer(() => ({}));
  const authority = await buildCa({ subject: 'CN=Acme TLS Inspection' });
  const leaf = await buildCertificate({ issuer: authority });
  await using proxy = await buildProxy({ resign: { leaf, authority } });
  const settings = { proxy: httpProxy(proxy.url) };
  const { host } = new URL(server.url);
  const sentence = `signed by CN=Acme TLS Inspection. A proxy re-signs TLS, or another server answers: ask for ${host} to be let`;
  const both = { ca: `${server.trust.ca}\n${authority.certPem}`, pins: server.trust.pins };
  for (const trust of [server.trust, both]) {
    const said = await refusal(server.url, trust, settings);
    assert.ok(said.includes(sentence), said);
    assert.ok(said.includes(spkiPin(authority.raw)), 'it names the key that was presented');
    assert.ok(said.length < 450, 'it fits what a problem may say');
  }
  assert.deepEqual([proxy.seen.clearBytes, server.requests.length], [0, 0]);
});

test('nobody waits longer than the deadline, even for a server that never finishes the handshake', async () => {
  const mute = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const port = (mute.address() as AddressInfo).port;
  const ca = await buildCa();
  const trust = { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) };
  await using connection = new Connection(`https://localhost:${port}`, trust);
  await assert.rejects(connection.exchange({ ...ask, deadlineMs: 50 }, never), { name: 'Unconnected' });
  const closedMeanwhile = assert.rejects(connection.exchange(ask, never), /abort/);
  await connection[Symbol.asyncDispose]();
  await closedMeanwhile;
  mute.close();
});

test('what ends in the TLS handshake, or is given up there, is told as that, and was not sent', async () => {
  const ca = await buildCa();
  const trust = { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) };
  await using proxy = await buildProxy();
  for (const proceeding of ['reset', 'late'] as const) {
    let late = new AbortController();
    const server = net.createServer((socket) => {
      const hello = () => (proceeding === 'reset' ? socket.resetAndDestroy() : late.abort(new Error('too late')));
      socket.on('error', () => {}).once('data', hello);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = `https://localhost:${(server.address() as AddressInfo).port}`;
    for (const settings of [{}, { proxy: httpProxy(proxy.url) }]) {
      late = new AbortController();
      await using connection = new Connection(address, trust, settings);
      const error = await connection.exchange(ask, late.signal).catch((reason: unknown) => reason);
      assert.deepEqual([phaseOf(error), neverLeft(error)], ['TLS', true]);
      assert.match(explain(error, connection.address), /the TLS handshake was begun and not finished/);
    }
    server.close();
  }
});

test('a network that fails under a request that has its connection does not make it one that was not sent', () => {
  const lost = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' });
  assert.equal(neverLeft(endedAt({ at: 'TCP' }, lost)), true);
  assert.equal(neverLeft(endedAt({ at: 'connected' }, lost)), false);
});

test('over a slow line a large body arrives, however long it takes, as long as it moves', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const mebibyte = 1024 * 1024;
  let carried = 0;
  const line = () =>
    new Transform({
      transform(chunk: Buffer, _, done) {
        const before = carried;
        carried += chunk.length;
        if (Math.floor(carried / mebibyte) > Math.floor(before / mebibyte)) t.mock.timers.tick(2000); // 4 Mbit/s
        setImmediate(done, null, chunk);
      },
    });
  await using server = await buildServer(() => ({}));
  await using proxy = await buildProxy({ line });
  await using connection = new Connection(server.url, server.trust, { proxy: httpProxy(proxy.url) });
  const body = Buffer.alloc(40 * mebibyte); // 80 s, of which what the system has taken at once is the smaller part
  assert.equal((await connection.exchange({ ...ask, body }, never)).status, 200);
  assert.equal(server.requests[0]?.body.length, body.length);
});

test('a long text goes packed and says so; a short one and a file go as they are', async () => {
  const sizes: [string | undefined, number, number][] = [];
  await using server = await buildServer(({ headers, body }) => {
    sizes.push([headers['content-encoding'], Number(headers['content-length']), body.length]);
    return {};
  });
  await using connection = new Connection(server.url, server.trust);
  const text = JSON.stringify({ runs: Array.from({ length: 300 }, (_, i) => ({ name: `Login ${i} ü` })) });
  const bodies = [text, '{"runs":[]}', Buffer.from(text)];
  for (const body of bodies) await connection.exchange({ ...ask, method: 'POST', body }, never);
  const whole = Buffer.byteLength(text);
  assert.deepEqual(sizes.slice(1), [
    [undefined, 11, 11],
    [undefined, whole, whole],
  ]);
  const [[packing, sent = 0, unpacked] = []] = sizes;
  assert.deepEqual([packing, unpacked], ['gzip', whole]);
  assert.ok(sent < whole / 3, `${sent} of ${whole} bytes`);
});
