import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import type { SecureVersion } from 'node:tls';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { type BuiltCertificate, buildCa, buildCertificate } from './build-certificates.ts';
import { newKeys } from './identity.ts';
import { learnCa, PinMismatch, pinnedTls, spkiPin } from './pin.ts';

const day = 86_400_000;
let ca: BuiltCertificate;
let leaf: BuiltCertificate;
let otherCa: BuiltCertificate;

before(async () => {
  ca = await buildCa();
  otherCa = await buildCa({ subject: 'CN=Somebody else' });
  leaf = await buildCertificate({ issuer: ca });
});

/** A TLS server that counts every byte above TLS, and answers what looks like a request. */
async function buildServer(certificates: readonly BuiltCertificate[], version: SecureVersion) {
  const seen = { bytes: 0, requests: 0 };
  const options = {
    cert: certificates.map((c) => c.certPem).join('\n'),
    key: certificates[0]?.keyPem ?? '',
    minVersion: version,
    maxVersion: version,
  };
  const open = new Set<tls.TLSSocket>();
  const server = tls.createServer(options, (socket) => {
    open.add(socket);
    socket.on('error', () => {}); // a client that refuses may reset the connection
    socket.on('data', (chunk: Buffer) => {
      seen.bytes += chunk.length;
      if (!chunk.includes('HTTP/1.1\r\n')) return;
      seen.requests++;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  });
  server.on('tlsClientError', () => {}); // being refused is what the test is about
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

async function ask(
  port: number,
  trust: { ca: string; pins: ReadonlySet<string> },
  host = 'localhost',
): Promise<number> {
  const dispatcher = new Agent({ allowH2: false, connect: pinnedTls(trust) });
  try {
    const { statusCode, body } = await request(`https://${host}:${port}/`, {
      dispatcher,
      method: 'POST',
      body: 'secret',
    });
    await body.dump();
    return statusCode;
  } finally {
    await dispatcher.destroy();
  }
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(version, () => {
    test('a server whose authority is pinned is served', async () => {
      await using server = await buildServer([leaf, ca], version);
      assert.equal(await ask(server.port, { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) }), 200);
      assert.equal(server.seen.requests, 1);
      assert.ok(server.seen.bytes > 0, 'the counter counts');
    });

    test('a pin of an authority holds although the server does not send it', async () => {
      await using server = await buildServer([leaf], version);
      assert.equal(await ask(server.port, { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) }), 200);
    });

    test('a server whose own key is pinned is served', async () => {
      await using server = await buildServer([leaf, ca], version);
      assert.equal(await ask(server.port, { ca: ca.certPem, pins: new Set(['x', spkiPin(leaf.raw)]) }), 200);
    });

    const refusals: Record<string, { chain: () => Promise<BuiltCertificate[]>; error: RegExp; pinOfLeaf?: boolean }> = {
      'another key under the same authority, the first key pinned': {
        chain: async () => [await buildCertificate({ issuer: ca }), ca],
        error: /not the expected one: its certificate is signed by CN=Vedette test authority/,
        pinOfLeaf: true,
      },
      'a certificate of another authority': {
        chain: async () => [await buildCertificate({ issuer: otherCa }), otherCa],
        error: /self-signed certificate in certificate chain/,
      },
      'a certificate of another authority with ours appended': {
        chain: async () => [await buildCertificate({ issuer: otherCa }), ca],
        error: /unable to verify the first certificate/,
      },
      'a false authority with the name of ours': {
        chain: async () => {
          const forged = await buildCa();
          return [await buildCertificate({ issuer: forged }), forged, ca];
        },
        error: /certificate signature failure|self-signed certificate|unable to verify/,
      },
      'a certificate that signed itself': {
        chain: async () => [await buildCertificate({ subject: 'CN=localhost' }), ca],
        error: /self-signed certificate/,
      },
      'the right authority with another name': {
        chain: async () => [await buildCertificate({ issuer: ca, names: ['elsewhere.example'] }), ca],
        error: /does not match certificate's altnames/,
      },
      'the pinned key with another name': {
        chain: async () => [await buildCertificate({ issuer: ca, names: ['elsewhere.example'], keys: leaf.keys }), ca],
        error: /does not match certificate's altnames/,
        pinOfLeaf: true,
      },
      'an expired certificate': {
        chain: async () => [
          await buildCertificate({
            issuer: ca,
            notBefore: new Date(Date.now() - 3 * day),
            notAfter: new Date(Date.now() - day),
          }),
          ca,
        ],
        error: /certificate has expired/,
      },
      'a certificate that is not yet valid': {
        chain: async () => [
          await buildCertificate({
            issuer: ca,
            notBefore: new Date(Date.now() + day),
            notAfter: new Date(Date.now() + 3 * day),
          }),
          ca,
        ],
        error: /certificate is not yet valid/,
      },
      'a certificate signed by one that is no authority': {
        chain: async () => [
          await buildCertificate({ subject: 'CN=impostor', issuer: leaf, names: ['localhost'] }),
          leaf,
          ca,
        ],
        error: /invalid CA certificate|unsuitable|unable to/,
      },
    };
    for (const [name, { chain, error, pinOfLeaf }] of Object.entries(refusals)) {
      test(`${name} is refused before any HTTP byte`, async () => {
        await using server = await buildServer(await chain(), version);
        const pins = new Set([pinOfLeaf ? spkiPin(leaf.raw) : spkiPin(ca.raw)]);
        await assert.rejects(ask(server.port, { ca: ca.certPem, pins }), error);
        assert.deepEqual(server.seen, { bytes: 0, requests: 0 });
      });
    }

    test('a trusted authority without a pin is refused, although its chain carries our pinned certificate', async () => {
      await using server = await buildServer([await buildCertificate({ issuer: otherCa }), otherCa, ca], version);
      const trust = { ca: `${ca.certPem}\n${otherCa.certPem}`, pins: new Set([spkiPin(ca.raw)]) };
      await assert.rejects(ask(server.port, trust), (error) => {
        assert.ok(error instanceof PinMismatch);
        assert.equal(error.issuer, 'CN=Somebody else');
        assert.equal(error.seen.at(-1), spkiPin(otherCa.raw));
        return true;
      });
      assert.deepEqual(server.seen, { bytes: 0, requests: 0 });
    });

    test('learnCa takes the pinned authority and sends nothing', async () => {
      await using server = await buildServer([leaf, ca], version);
      const pem = await learnCa('localhost', server.port, new Set([spkiPin(ca.raw)]));
      assert.equal(await ask(server.port, { ca: pem, pins: new Set([spkiPin(ca.raw)]) }), 200);
      assert.equal(server.seen.requests, 1);
    });

    test('learnCa takes the authority behind a pinned server key', async () => {
      await using server = await buildServer([leaf, ca], version);
      const pem = await learnCa('localhost', server.port, new Set([spkiPin(leaf.raw)]));
      assert.equal(pem.trim(), ca.certPem.trim());
    });

    test('learnCa is not taken in by a chain that only carries the pinned certificate', async () => {
      const forged = await buildCa();
      const chains = [
        [await buildCertificate({ issuer: otherCa }), otherCa, ca],
        [await buildCertificate({ issuer: forged }), ca],
        [await buildCertificate({ issuer: forged }), forged, ca],
      ];
      for (const chain of chains) {
        await using server = await buildServer(chain, version);
        await assert.rejects(learnCa('localhost', server.port, new Set([spkiPin(ca.raw)])), PinMismatch);
        assert.deepEqual(server.seen, { bytes: 0, requests: 0 });
      }
    });
  });
}

test('the pin is compared on every connection, never skipped for a resumed session', async () => {
  await using server = await buildServer([leaf, ca], 'TLSv1.2');
  const options = pinnedTls({ ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) });
  let compared = 0;
  const counted = {
    ...options,
    checkServerIdentity: (host: string, certificate: tls.PeerCertificate) => {
      compared++;
      return options.checkServerIdentity(host, certificate);
    },
  };
  const dispatcher = new Agent({ allowH2: false, connect: counted });
  for (let i = 0; i < 20; i++) {
    const { body } = await request(`https://localhost:${server.port}/`, {
      dispatcher,
      headers: { connection: 'close' },
    });
    await body.dump();
  }
  await dispatcher.destroy();
  assert.equal(compared, 20);
});

test('a weak key is refused although its pin is known', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const keys = {
    publicKey: await crypto.subtle.importKey('spki', spki, rsa, true, ['verify']),
    privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, rsa, true, ['sign']),
  };
  const weak = await buildCertificate({ issuer: ca, keys });
  const server = tls.createServer({
    cert: weak.certPem,
    key: weak.keyPem,
    ciphers: 'DEFAULT@SECLEVEL=0', // the server must be willing, so that it is the client that refuses
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = (server.address() as AddressInfo).port;
  await assert.rejects(ask(port, { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) }));
  await new Promise((done) => server.close(done));
});

test('the environment cannot switch the check off', async () => {
  const forged = await buildCa();
  const chain = [await buildCertificate({ issuer: forged, keys: await newKeys() }), forged];
  await using server = await buildServer(chain, 'TLSv1.3');
  const source = `
    import { Agent, request } from 'undici';
    import { pinnedTls } from ${JSON.stringify(path.join(import.meta.dirname, 'pin.ts'))};
    const connect = pinnedTls({ ca: process.env.CA, pins: new Set([process.env.PIN]) });
    const dispatcher = new Agent({ allowH2: false, connect });
    try { await request(process.env.URL, { dispatcher }); console.log('SERVED'); } catch (e) { console.log('refused', e.code); }
    await dispatcher.destroy();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    env: {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      CA: ca.certPem,
      PIN: spkiPin(forged.raw),
      URL: `https://localhost:${server.port}/`,
    },
  });
  assert.match(stdout, /^refused/);
  assert.deepEqual(server.seen, { bytes: 0, requests: 0 });
});
