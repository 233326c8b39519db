import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openMasterKey } from './master-key.ts';

const newKey = () => randomBytes(32).toString('base64');

test('what is sealed can be unsealed with the same key, and is not readable', () => {
  const key = newKey();
  const sealed = openMasterKey('', key).seal('correct horse', 'Alice');
  assert.equal(openMasterKey('', key).unseal(sealed, 'Alice'), 'correct horse');
  assert.doesNotMatch(Buffer.from(sealed, 'base64').toString('latin1'), /horse/);
  assert.notEqual(openMasterKey('', key).seal('correct horse', 'Alice'), sealed);
});

test('another key, the place of another, and any changed byte are refused, with what to do', () => {
  const key = openMasterKey('', newKey());
  const sealed = key.seal('correct horse', 'Alice');
  const wanted = { name: 'Refused', message: /of (Alice|Bob) cannot be unsealed: start with the master key/ };
  assert.throws(() => openMasterKey('', newKey()).unseal(sealed, 'Alice'), wanted);
  assert.throws(() => key.unseal(sealed, 'Bob'), wanted);
  const bytes = Buffer.from(sealed, 'base64');
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => key.unseal(changed.toString('base64'), 'Alice'), wanted);
    assert.throws(() => key.unseal(bytes.subarray(0, at).toString('base64'), 'Alice'), wanted);
  }
});

test('without one in the environment the key is a file for its owner alone, and stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-key-'));
  const sealed = openMasterKey(folder, undefined).seal('correct horse', 'Alice');
  assert.equal(openMasterKey(folder, undefined).unseal(sealed, 'Alice'), 'correct horse');
  assert.deepEqual(readdirSync(folder), ['master-key']);
  if (process.platform !== 'win32') assert.equal(statSync(join(folder, 'master-key')).mode & 0o777, 0o600);
  rmSync(folder, { recursive: true });
});

test('a key of another length is refused and not told', () => {
  assert.throws(
    () => openMasterKey('', 'c2hvcnQ='),
    (error: Error) => {
      assert.match(error.message, /VEDETTE_MASTER_KEY does not hold a master key: it is 32 bytes as base64/);
      return !error.message.includes('c2hvcnQ=');
    },
  );
});
