import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { openAuthority } from './authority.ts';
import { FolderUnusable } from './private-file.ts';

const dayMs = 86_400_000;

function tempFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-authority-'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

function pinOf(pem: string) {
  const spki = new X509Certificate(pem).publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('base64');
}

test('a client that trusts the authority connects over TLS 1.3 and is sent the authority in the chain', async () => {
  using temp = tempFolder();
  const authority = await openAuthority(temp.folder, {});
  const server = tls.createServer({ key: authority.key, cert: authority.certChainPem }, (socket) => socket.end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const socket = tls.connect({ port, host: '127.0.0.1', ca: authority.caPem });
  await new Promise((done, fail) => socket.once('secureConnect', done).once('error', fail));
  assert.equal(socket.authorized, true);
  assert.equal(socket.getProtocol(), 'TLSv1.3');
  const issuer = socket.getPeerCertificate(true).issuerCertificate;
  assert.equal(new X509Certificate(issuer.raw).ca, true);
  socket.destroy();
  await new Promise((done) => server.close(done));
});

test("the pins are the authority's key and a backup key of its own", async () => {
  using temp = tempFolder();
  const authority = await openAuthority(temp.folder, {});
  assert.deepEqual(authority.pins, [pinOf(authority.caPem), authority.backupPin]);
  assert.notEqual(authority.pins[0], authority.pins[1]);
});

test('opening it again changes nothing', async () => {
  using temp = tempFolder();
  const first = await openAuthority(temp.folder, { hostNames: ['vedette.example', '192.0.2.7', '2001:db8::5'] });
  assert.deepEqual(
    await openAuthority(temp.folder, { hostNames: ['2001:db8:0::5', '192.0.2.7', 'Vedette.example'] }),
    first,
  );
});

test('two programs that open it first at the same time agree on one authority', async () => {
  using temp = tempFolder();
  const both = await Promise.all([openAuthority(temp.folder, {}), openAuthority(temp.folder, {})]);
  assert.deepEqual(both[0].pins, both[1].pins);
  assert.equal(both[0].caPem, both[1].caPem);
});

test('a changed host name makes a new server certificate from the same authority', async () => {
  using temp = tempFolder();
  const first = await openAuthority(temp.folder, {});
  const second = await openAuthority(temp.folder, { hostNames: ['vedette.example'] });
  assert.deepEqual(second.pins, first.pins);
  assert.ok(new X509Certificate(second.certChainPem).checkHost('vedette.example'));
});

test('the server certificate lasts 397 days and is made anew when fewer than 30 are left', async () => {
  using temp = tempFolder();
  const now = Date.UTC(2030, 0, 1);
  const first = await openAuthority(temp.folder, { now });
  const { validFrom, validTo } = new X509Certificate(first.certChainPem);
  assert.equal(Date.parse(validTo) - Date.parse(validFrom), 397 * dayMs);
  assert.equal((await openAuthority(temp.folder, { now: now + 366 * dayMs })).certChainPem, first.certChainPem);
  const later = await openAuthority(temp.folder, { now: now + 368 * dayMs });
  assert.notEqual(later.certChainPem, first.certChainPem);
  assert.equal(later.caPem, first.caPem);
});

test('a damaged server certificate is replaced', async () => {
  using temp = tempFolder();
  const first = await openAuthority(temp.folder, {});
  writeFileSync(join(temp.folder, 'server.pem'), 'half of');
  assert.deepEqual((await openAuthority(temp.folder, {})).pins, first.pins);
});

test('keys are for their owner alone', { skip: process.platform === 'win32' }, async () => {
  using temp = tempFolder();
  const folder = join(temp.folder, 'certs');
  await openAuthority(folder, {});
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const file of ['authority.pem', 'backup.pem', 'server.pem']) {
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
  }
});

test('a folder that cannot be written is named, with what to do', async () => {
  using temp = tempFolder();
  mkdirSync(join(temp.folder, 'a'));
  writeFileSync(join(temp.folder, 'a', 'file'), '');
  await assert.rejects(openAuthority(join(temp.folder, 'a', 'file', 'certs'), {}), (error: Error) => {
    assert.ok(error instanceof FolderUnusable);
    assert.match(error.message, /cannot write in the folder .*certs \(ENOTDIR\): choose another folder/);
    return true;
  });
});
