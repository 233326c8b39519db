import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from '../build-home.ts';
import { lockHome } from '../lock.ts';
import { mustBeFree } from './command.ts';

test('a service starts Node with the flags that the program itself was started with', () => {
  using home = buildHome();
  const cli = path.join(import.meta.dirname, '..', 'cli.ts');
  const flags = ['--max-semi-space-size=1', '--expose-gc'];
  const args = [...flags, '--', cli, '--home', home.folder, 'service', 'install', '--print'];
  const text = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const words = [process.execPath, ...flags, '--', cli, '--home', home.folder, 'run'];
  assert.ok(text.includes(process.platform === 'linux' ? words.map((word) => `"${word}"`).join(' ') : cli), text);
});

test('a service does not take the place of another sentinel’s, nor of a sentinel that runs', () => {
  using home = buildHome();
  const file = path.join(home.folder, 'unit');
  mustBeFree({ file }, home.folder);
  {
    using _running = lockHome(home.folder);
    assert.throws(() => mustBeFree({ file }, home.folder), /a sentinel is running with the home .*: stop it first/);
  }
  fs.writeFileSync(file, '');
  assert.throws(() => mustBeFree({ file }, home.folder), /the service of another sentinel .*`service remove`/);
});
