import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { openAuthority } from './authority.ts';
import { tempFolder } from './build-certificates.ts';
import { spkiPin } from './pin.ts';
import { openServerCertificate, serverPin } from './server-certificate.ts';

const dayMs = 86_400_000;

/** A folder with an authority made at `now`. */
async function withAuthority(now?: number) {
  const temp = tempFolder();
  return { ...temp, ...(await openAuthority(temp.folder, now)) };
}

test('a client that trusts the authority connects over TLS 1.3 and is sent the authority in the chain', async () => {
  using made = await withAuthority();
  const { key, chain } = await openServerCertificate(made.folder);
  const server = tls.createServer({ key, cert: chain }, (socket) => socket.end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = tls.connect({ port, host: '127.0.0.1', ca: made.caPem });
  await once(socket, 'secureConnect');
  assert.equal(socket.authorized, true);
  assert.equal(socket.getProtocol(), 'TLSv1.3');
  const issuer = socket.getPeerCertificate(true).issuerCertificate;
  assert.equal(new X509Certificate(issuer.raw).ca, true);
  socket.destroy();
  await new Promise((done) => server.close(done));
});

test('opening it again changes nothing, however its names are written', async () => {
  using made = await withAuthority();
  const first = await openServerCertificate(made.folder, ['vedette.example', '192.0.2.7', '2001:db8::5']);
  assert.deepEqual(await openServerCertificate(made.folder, ['2001:db8:0::5', '192.0.2.7', 'Vedette.example']), first);
});

test('the pin of the server’s own key is told without the server, and is none before there is one', async () => {
  using made = await withAuthority();
  assert.equal(serverPin(made.folder), undefined);
  const { chain } = await openServerCertificate(made.folder);
  assert.equal(serverPin(made.folder), spkiPin(new X509Certificate(chain).raw));
});

test('a changed host name makes a new certificate from the same authority', async () => {
  using made = await withAuthority();
  await openServerCertificate(made.folder);
  const { chain } = await openServerCertificate(made.folder, ['vedette.example']);
  const certificate = new X509Certificate(chain);
  assert.ok(certificate.checkHost('vedette.example'));
  assert.ok(certificate.verify(new X509Certificate(made.caPem).publicKey));
});

test('it lasts 397 days and is made anew when fewer than 30 are left', async () => {
  const now = Date.UTC(2030, 0, 1);
  using made = await withAuthority(now);
  const first = await openServerCertificate(made.folder, [], now);
  const { validFromDate, validToDate } = new X509Certificate(first.chain);
  assert.equal(validToDate.getTime() - validFromDate.getTime(), 397 * dayMs);
  assert.deepEqual(await openServerCertificate(made.folder, [], now + 366 * dayMs), first);
  assert.notEqual((await openServerCertificate(made.folder, [], now + 368 * dayMs)).chain, first.chain);
});

test('a damaged one is replaced', async () => {
  using made = await withAuthority();
  await openServerCertificate(made.folder);
  const file = join(made.folder, 'server.pem');
  writeFileSync(file, 'half of');
  await openServerCertificate(made.folder);
  assert.match(readFileSync(file, 'utf8'), /BEGIN CERTIFICATE/);
});

test('its key is for its owner alone', { skip: process.platform === 'win32' }, async () => {
  using made = await withAuthority();
  await openServerCertificate(made.folder);
  assert.equal(statSync(join(made.folder, 'server.pem')).mode & 0o777, 0o600);
});
