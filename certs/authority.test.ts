import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuthority } from './authority.ts';
import { tempFolder } from './build-certificates.ts';
import { FolderUnusable } from './private-file.ts';

function pinOf(pem: string) {
  const spki = new X509Certificate(pem).publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('base64');
}

test("the pins are the authority's key and a backup key of its own", async () => {
  using temp = tempFolder();
  const { caPem, pins } = await openAuthority(temp.folder);
  assert.equal(pins.length, 2);
  assert.equal(pins[0], pinOf(caPem));
  assert.notEqual(pins[0], pins[1]);
});

test('opening it again changes nothing', async () => {
  using temp = tempFolder();
  assert.deepEqual(await openAuthority(temp.folder), await openAuthority(temp.folder));
});

test('two programs that open it first at the same time agree on one authority', async () => {
  using temp = tempFolder();
  const both = await Promise.all([openAuthority(temp.folder), openAuthority(temp.folder)]);
  assert.deepEqual(both[0], both[1]);
});

test('keys are for their owner alone', { skip: process.platform === 'win32' }, async () => {
  using temp = tempFolder();
  const folder = join(temp.folder, 'certs');
  await openAuthority(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const file of readdirSync(folder)) {
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
  }
});

test('a clock that is before the authority was made, or after it expired, is named with what to do', async () => {
  using temp = tempFolder();
  await openAuthority(temp.folder, Date.UTC(2030, 0, 1));
  await assert.rejects(openAuthority(temp.folder, 0), {
    name: 'CertificateUnusable',
    message: /clock says 1970-01-01T.*authority\.pem is valid from 2029-12-31T23:.*: set the clock$/,
  });
  await assert.rejects(openAuthority(temp.folder, Date.UTC(2041, 0, 1)), {
    name: 'CertificateUnusable',
    message: /clock says 2041-01-01T.*expired on 2039-12-.*the backup key takes over/,
  });
});

test('a damaged authority is named and never replaced: sentinels trust no other', async () => {
  using temp = tempFolder();
  writeFileSync(join(temp.folder, 'authority.pem'), 'half of');
  await assert.rejects(openAuthority(temp.folder), {
    name: 'CertificateUnusable',
    message: /authority\.pem does not hold .*: restore it from a backup/,
  });
});

test('a folder that cannot be written is named, with what to do', async () => {
  using temp = tempFolder();
  mkdirSync(join(temp.folder, 'a'));
  writeFileSync(join(temp.folder, 'a', 'file'), '');
  await assert.rejects(openAuthority(join(temp.folder, 'a', 'file', 'certs')), (error: Error) => {
    assert.ok(error instanceof FolderUnusable);
    assert.match(
      error.message,
      /cannot write in the folder .*certs \(ENOTDIR\): do this as the user whose folder it is, or choose another one/,
    );
    return true;
  });
});
