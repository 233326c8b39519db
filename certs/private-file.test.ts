import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { keepPrivateFile, replacePrivateFile } from './private-file.ts';

test('what root writes in the folder of another user is that user’s, and nobody else’s to read', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vedette-private-'));
  const owner = process.getuid?.() === 0 ? 65534 : process.getuid?.();
  if (owner === 65534) fs.chownSync(folder, owner, owner);
  const files = ['replaced', 'kept'].map((name) => path.join(folder, name));
  replacePrivateFile(files[0] ?? '', 'before');
  replacePrivateFile(files[0] ?? '', 'content');
  keepPrivateFile(files[1] ?? '', () => 'content');
  for (const file of files) {
    const { uid, mode } = fs.statSync(file);
    assert.deepEqual([uid, mode & 0o777, fs.readFileSync(file, 'utf8')], [owner, 0o600, 'content']);
  }
  assert.deepEqual(fs.readdirSync(folder).sort(), ['kept', 'replaced']);
  fs.rmSync(folder, { recursive: true });
});
