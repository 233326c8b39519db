import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuthority } from './authority.ts';
import { tempFolder } from './build-certificates.ts';
import { authorityMark, retirePrevious, switchToBackup } from './rotate.ts';
import { openServerCertificate } from './server-certificate.ts';

test('the backup takes over, the key before stays until it is retired, and each set shares pins with the one before', async () => {
  using temp = tempFolder();
  const { folder } = temp;
  const first = await openAuthority(folder);
  const mark = authorityMark(folder);
  await switchToBackup(folder);
  const second = await openAuthority(folder);
  assert.deepEqual([first.changing, second.changing], [false, true]);
  assert.deepEqual([second.pins[0], second.pins[2]], [first.pins[1], first.pins[0]]);
  assert.equal(new Set(second.pins).size, 3);
  assert.notEqual(authorityMark(folder), mark);
  retirePrevious(folder);
  const third = await openAuthority(folder);
  assert.deepEqual([third.pins, third.changing], [second.pins.slice(0, 2), false]);
  assert.equal(third.caPem, second.caPem);
  assert.equal(readdirSync(folder).length, 2, 'the retired key is nowhere any more');
});

test('given twice at once it is done once: a second step would go over to a key that no sentinel knows', async () => {
  using temp = tempFolder();
  const first = await openAuthority(temp.folder);
  await Promise.all([switchToBackup(temp.folder), switchToBackup(temp.folder)]);
  await switchToBackup(temp.folder);
  const { pins } = await openAuthority(temp.folder);
  assert.deepEqual([pins[0], pins[2]], [first.pins[1], first.pins[0]]);
});

test('the server shows a certificate of the new authority', async () => {
  using temp = tempFolder();
  await openAuthority(temp.folder);
  const before = await openServerCertificate(temp.folder);
  await switchToBackup(temp.folder);
  const { caPem } = await openAuthority(temp.folder);
  const after = await openServerCertificate(temp.folder);
  assert.notEqual(after.key, before.key);
  assert.ok(after.chain.endsWith(caPem));
});

test('a crash between any two writes leaves the old pins or the new, and the step can be repeated', async () => {
  using temp = tempFolder();
  const [whole, half] = [join(temp.folder, 'whole'), join(temp.folder, 'half')];
  const before = await openAuthority(whole);
  mkdirSync(half);
  const copy = () => {
    for (const name of readdirSync(whole)) copyFileSync(join(whole, name), join(half, name));
  };
  copy();
  await switchToBackup(whole);
  const after = await openAuthority(whole);
  // In the order in which they are written; the authority itself is last.
  const files = readdirSync(whole).sort((a) => (a === 'authority.pem' ? 1 : -1));
  for (const name of files) {
    copyFileSync(join(whole, name), join(half, name));
    const { pins } = await openAuthority(half);
    assert.deepEqual(pins, name === 'authority.pem' ? after.pins : before.pins, name);
  }
  rmSync(join(half, 'previous.pem'));
  assert.deepEqual((await openAuthority(half)).pins, after.pins.slice(0, 2));
  retirePrevious(half);
});

test('a lost authority is followed by its backup key, which sentinels know', async () => {
  using temp = tempFolder();
  const { pins } = await openAuthority(temp.folder);
  rmSync(join(temp.folder, 'authority.pem'));
  assert.equal((await openAuthority(temp.folder)).pins[0], pins[1]);
});
