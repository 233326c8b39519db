import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** A copy of what a clone has before its first set-up, without the packages. */
function bareClone(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-clone-'));
  for (const file of ['setup.js', 'package.json', 'package-lock.json', '.npmrc'])
    copyFileSync(join(root, file), join(folder, file));
  return folder;
}

test('without a way to the npm registry the set-up says so, and leaves nothing that breaks the next start', () => {
  const folder = bareClone();
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: folder,
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_fetch_retries: '0',
  };
  const { status, stderr } = spawnSync(process.execPath, ['setup.js'], { cwd: folder, env, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /npm packages could not be installed .* registry .*start again/s);
  assert.ok(!existsSync(join(folder, 'node_modules/.vedette-packages')));
  rmSync(folder, { recursive: true });
});

test('a Node that is too old is named, with the one that is needed', () => {
  const folder = bareClone();
  writeFileSync(
    join(folder, 'old.cjs'),
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } });`,
  );
  const { status, stderr } = spawnSync(process.execPath, ['--require', './old.cjs', 'setup.js'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /Node 20 or newer, this is 18\.19\.0/);
  rmSync(folder, { recursive: true });
});

test('without a browser, a download or a way to install one, the set-up says what to install', () => {
  const home = mkdtempSync(join(tmpdir(), 'vedette-home-'));
  const env = { PATH: home, HOME: home, PLAYWRIGHT_DOWNLOAD_HOST: 'http://127.0.0.1:9' };
  const setup = [join(root, 'test/setup.ts'), 'browser'];
  const { status, stderr } = spawnSync(process.execPath, setup, { cwd: home, env, encoding: 'utf8' });
  assert.equal(status, 1, stderr);
  assert.match(
    stderr,
    /There is no browser for the sentinel.*no apt.*Install Google Chrome, Microsoft Edge or Chromium/s,
  );
  rmSync(home, { recursive: true });
});
