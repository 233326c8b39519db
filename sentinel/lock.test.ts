import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from './build-home.ts';
import { HomeInUse, isLocked, lockHome } from './lock.ts';

test('a home has one sentinel at a time', () => {
  using home = buildHome();
  assert.equal(isLocked(home.folder), false);
  const first = lockHome(home.folder);
  assert.throws(() => lockHome(home.folder), HomeInUse);
  assert.equal(isLocked(home.folder), true);
  first[Symbol.dispose]();
  lockHome(home.folder)[Symbol.dispose]();
});

test('a second process is refused, and a killed one leaves no lock behind', async () => {
  using home = buildHome();
  const lock = JSON.stringify(path.join(import.meta.dirname, 'lock.ts'));
  const source = `import { lockHome } from ${lock};
    globalThis.held = lockHome(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, home.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  assert.throws(() => lockHome(home.folder), /another sentinel is running with the home .*--home/);
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockHome(home.folder)[Symbol.dispose]();
});
