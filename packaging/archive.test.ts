import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { archive } from './archive.ts';

test('the same files make the same archive, whoever made them when; programs stay programs', async () => {
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'vedette-archive-'));
  const packed: Record<string, Buffer[]> = { 'a.tar.gz': [], 'a.zip': [] };
  for (const [turn, umask] of [0o022, 0o077].entries()) {
    const before = process.umask(umask);
    const app = join(folder, String(turn), 'app');
    fs.mkdirSync(join(app, 'bin'), { recursive: true });
    fs.writeFileSync(join(app, 'bin', 'program'), '#!/bin/sh\n'.repeat(9000), { mode: 0o755 });
    fs.writeFileSync(join(app, 'text'), 'text');
    fs.utimesSync(join(app, 'text'), turn + 1e6, turn + 1e6);
    for (const name of Object.keys(packed)) {
      await archive(app, join(folder, name), 6);
      packed[name]?.push(fs.readFileSync(join(folder, name)));
    }
    process.umask(before);
  }
  for (const [name, [one, other]] of Object.entries(packed)) assert.ok(one?.equals(other ?? Buffer.of()), name);
  const list = execFileSync('tar', ['-tvzf', join(folder, 'a.tar.gz')], { encoding: 'utf8' });
  assert.match(list, /^-rwxr-xr-x 0\/0 .* app\/bin\/program$/m);
  assert.match(list, /^-rw-r--r-- 0\/0 .* app\/text$/m);
  assert.deepEqual(Object.keys(unzipSync(packed['a.zip']?.[0] ?? Buffer.of())), ['app/bin/program', 'app/text']);
  fs.rmSync(folder, { recursive: true });
});
