import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuthority } from './authority.ts';
import { buildCa, buildCertificate, tempFolder } from './build-certificates.ts';
import { type CertificateFiles, givenFile, readFiles, refuseOtherNames } from './given-certificate.ts';
import { spkiPin } from './pin.ts';
import { openServerCertificate, serverPin } from './server-certificate.ts';

const dayMs = 86_400_000;
const [yesterday, longAgo] = [new Date(Date.now() - dayMs), new Date(Date.now() - 9 * dayMs)];

/** A root, an authority below it, and a certificate for two names that it signed; and files of them, as they are wanted. */
async function buildFiles() {
  const temp = tempFolder();
  const root = await buildCa({ subject: 'CN=Root' });
  const middle = await buildCa({ subject: 'CN=Middle', issuer: root });
  const names = ['vedette.example', '192.0.2.7'];
  const leaf = await buildCertificate({ subject: 'CN=vedette.example', issuer: middle, names });
  const write = (name: string, ...pem: string[]) => {
    const file = join(temp.folder, name);
    writeFileSync(file, pem.join('\n'), { mode: 0o600 });
    return file;
  };
  const certificate = write('full.pem', leaf.certPem, middle.certPem);
  const usual = { certificate, key: write('key.pem', leaf.keyPem), ca: write('ca.pem', root.certPem) };
  return { ...temp, root, middle, leaf, write, usual };
}

test('a chain is made whole from the files, in whatever order the authorities come, and read back from the folder', async () => {
  using made = await buildFiles();
  const { root, middle, leaf, usual, write, folder } = made;
  const whole = [leaf, middle, root].map(({ certPem }) => `${new X509Certificate(certPem)}`);
  const mixed = { certificate: write('leaf.pem', leaf.certPem), key: usual.key };
  const given = readFiles({ ...mixed, ca: write('cas.pem', root.certPem, middle.certPem) }, Date.now());
  assert.deepEqual(given.chain, whole);
  assert.deepEqual(readFiles(usual, Date.now()), given);
  writeFileSync(givenFile(folder), JSON.stringify({ ...given, backupPin: 'B' }));
  assert.deepEqual(await openServerCertificate(folder, ['vedette.example']), { key: given.key, chain: whole.join('') });
  const { caPem, pins, isGiven } = await openAuthority(folder);
  assert.deepEqual([caPem, pins, isGiven], [whole[2], [spkiPin(leaf.raw), 'B'], true]);
  assert.equal(serverPin(folder), spkiPin(leaf.raw));
});

test('a certificate that signed itself is a chain of its own', async () => {
  using made = await buildFiles();
  const alone = await buildCertificate();
  const files = { certificate: made.write('a.pem', alone.certPem), key: made.write('a.key', alone.keyPem) };
  assert.equal(readFiles(files, Date.now()).chain.length, 1);
});

test('names are as clients compare them', async () => {
  using made = await buildFiles();
  const wild = await buildCertificate({ names: ['*.vedette.example', '192.0.2.7'] });
  const chain = [wild.certPem];
  refuseOtherNames({ chain }, ['a.vedette.example', '192.0.2.7']);
  for (const name of ['vedette.example', 'a.b.vedette.example', '192.0.2.8', 'a.test'])
    assert.throws(() => refuseOtherNames({ chain }, [name]), { name: 'CertificateUnusable' }, name);
  writeFileSync(givenFile(made.folder), JSON.stringify({ key: wild.keyPem, chain, backupPin: 'B' }));
  await assert.rejects(
    openServerCertificate(made.folder, ['a.test']),
    /not for a\.test, but for DNS:\*\.vedette\.example/,
  );
  await assert.rejects(openServerCertificate(made.folder, [], Date.now() + 2 * dayMs), /valid from .* certs use/);
  writeFileSync(givenFile(made.folder), '{"key":');
  await assert.rejects(openAuthority(made.folder), /damaged: restore it/);
});

test('what is wrong with the files is said with the file and what to do', async () => {
  using made = await buildFiles();
  const { middle, leaf, usual, write, folder } = made;
  const signed = (more: object) => buildCertificate({ issuer: middle, keys: leaf.keys, ...more });
  const ended = await signed({ notBefore: longAgo, notAfter: yesterday });
  const nameless = await signed({ names: [] });
  const endedCa = await buildCa({ subject: 'CN=Middle', keys: middle.keys, notBefore: longAgo, notAfter: yesterday });
  const open = write('open.key', leaf.keyPem);
  chmodSync(open, 0o644);
  const other = await buildCertificate();
  const refused: [string, Partial<CertificateFiles>, RegExp][] = [
    ['a key of another', { key: write('other.key', other.keyPem) }, /key in .*other\.key does not belong to the first/],
    ['its authority first', { certificate: write('turned.pem', middle.certPem, leaf.certPem) }, /does not belong/],
    ['no longer valid', { certificate: write('ended.pem', ended.certPem, middle.certPem) }, /valid from .* renewed/],
    [
      'an authority no longer valid',
      { certificate: usual.certificate.replace('full', 'old') },
      /CN=Middle is valid from/,
    ],
    ['no root', { ca: undefined }, /CN=Middle is signed by CN=Root, .* not in .*full\.pem: give --ca/],
    ['no authority', { certificate: write('l.pem', leaf.certPem) }, /signed by CN=Middle, .* in .*l\.pem or .*ca\.pem/],
    ['no name', { certificate: write('nameless.pem', nameless.certPem, middle.certPem) }, /names no host/],
    ['a key for all to read', { key: open }, /others may read or change the key in .*: chmod 600 /],
    ['no key', { key: usual.certificate }, /holds no private key/],
    ['no certificate', { certificate: usual.key }, /holds no certificate/],
    ['a damaged one', { certificate: write('d.pem', leaf.certPem.replace('M', 'A')) }, /or a damaged one/],
    ['no file', { certificate: join(folder, 'none.pem') }, /none\.pem cannot be read \(ENOENT\)/],
  ];
  write('old.pem', leaf.certPem, endedCa.certPem);
  for (const [what, files, message] of refused)
    assert.throws(() => readFiles({ ...usual, ...files }, Date.now()), { name: 'CertificateUnusable', message }, what);
});
