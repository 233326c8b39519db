import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startShop } from './shop.ts';

test('the shop runs as a program, says where it listens in one line, and ends on SIGTERM', async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'shop-')), 'password');
  fs.writeFileSync(file, 'secret\n');
  const program = run('--port', '0', '--password-file', file);
  const [line] = await once(createInterface(program.stdout), 'line');
  const url = /at (\S+),/.exec(line)?.[1] ?? '';
  const form = new URLSearchParams({ user: 'demo', password: 'secret' });
  assert.equal((await fetch(`${url}/login`, { method: 'POST', body: form, redirect: 'manual' })).status, 303);
  program.kill('SIGTERM');
  assert.deepEqual(await once(program, 'exit'), [0, null]);
});

test('wrong settings are told all at once', async () => {
  const { code, errors } = await finished('--port', '70000');
  assert.equal(code, 1);
  assert.match(errors, /--port must be/);
  assert.match(errors, /SHOP_PASSWORD/);
});

test('switches that make no sense are refused with the reason', async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'shop-')), 'switches.json');
  fs.writeFileSync(file, JSON.stringify({ delays: { nowhere: 1 } }));
  const { code, errors } = await finished('--switches', file);
  assert.equal(code, 1);
  assert.match(errors, /nowhere/);
});

test('a port that is taken is told in one sentence', async () => {
  await using shop = await startShop({ password: 'x' });
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'shop-')), 'password');
  fs.writeFileSync(file, 'secret');
  const { code, errors } = await finished('--port', String(shop.port), '--password-file', file);
  assert.equal(code, 1);
  assert.match(errors, /is taken by another program/);
});

function run(...args: string[]) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const { SHOP_PASSWORD: _, ...env } = process.env;
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
}

async function finished(...args: string[]): Promise<{ code: number | null; errors: string }> {
  const program = run(...args);
  let errors = '';
  program.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(program, 'close');
  return { code, errors };
}
