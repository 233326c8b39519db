import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { before, describe, test } from 'node:test';
import { type BuiltCertificate, buildCa, buildCertificate } from './build-certificates.ts';
import { buildTlsServer } from './build-tls-server.ts';
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

async function ask(
  port: number,
  trust: { ca: string; pins: ReadonlySet<string> },
  host = 'localhost',
): Promise<number> {
  const sent = request({ ...pinnedTls(trust), host, port, method: 'POST', agent: false }).end('secret');
  const [answer] = await once(sent, 'response');
  answer.resume();
  return answer.statusCode;
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(version, () => {
    test('a server whose authority is pinned is served', async () => {
      await using server = await buildTlsServer([leaf, ca], version);
      assert.equal(await ask(server.port, { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) }), 200);
      assert.equal(server.seen.requests, 1);
      assert.ok(server.seen.bytes > 0, 'the counter counts');
    });

    test('a pin of an authority holds although the server does not send it', async () => {
      await using server = await buildTlsServer([leaf], version);
      assert.equal(await ask(server.port, { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) }), 200);
    });

    test('a server whose own key is pinned is served', async () => {
      await using server = await buildTlsServer([leaf, ca], version);
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
        await using server = await buildTlsServer(await chain(), version);
        const pins = new Set([pinOfLeaf ? spkiPin(leaf.raw) : spkiPin(ca.raw)]);
        await assert.rejects(ask(server.port, { ca: ca.certPem, pins }), error);
        assert.deepEqual([server.seen.bytes, server.seen.requests], [0, 0]);
      });
    }

    test('a trusted authority without a pin is refused, although its chain carries our pinned certificate', async () => {
      await using server = await buildTlsServer([await buildCertificate({ issuer: otherCa }), otherCa, ca], version);
      const trust = { ca: `${ca.certPem}\n${otherCa.certPem}`, pins: new Set([spkiPin(ca.raw)]) };
      await assert.rejects(ask(server.port, trust), (error) => {
        assert.ok(error instanceof PinMismatch);
        assert.equal(error.issuer, 'CN=Somebody else');
        assert.equal(error.seen.at(-1), spkiPin(otherCa.raw));
        return true;
      });
      assert.deepEqual([server.seen.bytes, server.seen.requests], [0, 0]);
    });

    test('learnCa takes the pinned authority and sends nothing', async () => {
      await using server = await buildTlsServer([leaf, ca], version);
      const pem = await learnCa({ host: 'localhost', port: server.port }, new Set([spkiPin(ca.raw)]));
      assert.equal(await ask(server.port, { ca: pem, pins: new Set([spkiPin(ca.raw)]) }), 200);
      assert.equal(server.seen.requests, 1);
    });

    test('learnCa takes the authority behind a pinned server key', async () => {
      await using server = await buildTlsServer([leaf, ca], version);
      const pem = await learnCa({ host: 'localhost', port: server.port }, new Set([spkiPin(leaf.raw)]));
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
        await using server = await buildTlsServer(chain, version);
        await assert.rejects(
          learnCa({ host: 'localhost', port: server.port }, new Set([spkiPin(ca.raw)])),
          PinMismatch,
        );
        assert.deepEqual([server.seen.bytes, server.seen.requests], [0, 0]);
      }
    });
  });
}
