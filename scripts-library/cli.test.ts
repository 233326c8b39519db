import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shopSpec = path.join('scripts-library', 'shop', 'shop.spec.ts');

test('a good script is called good, with what it would be allowed', async () => {
  const { code, output } = await vedette('check', shopSpec);
  assert.equal(code, 0);
  assert.match(output, /shop\.spec\.ts: no faults\. .*SHOP_PASSWORD/);
});

test('a faulty script is refused with the place of each fault', async () => {
  const file = buildScript("import fs from 'node:fs';\nimport { test } from '@playwright/test';\ntest.stepp('x');\n");
  const { code, output } = await vedette('check', file, shopSpec);
  assert.equal(code, 1);
  assert.ok(output.includes(`${file}:1:16  IMPORT  'node:fs' cannot be imported`), output);
  assert.ok(output.includes(`${file}:3:6  TEST_MEMBER  test.stepp`), output);
  assert.match(output, /shop\.spec\.ts: no faults/);
});

test('with --json the answer is one object', async () => {
  const { code, output } = await vedette('check', '--json', buildScript(''));
  assert.equal(code, 1);
  const [script] = JSON.parse(output).scripts;
  assert.deepEqual([script.faults[0].code, script.hosts, script.secrets], ['NO_TEST', [], []]);
});

test('a file that is not there, a folder, and a place where nothing is are told in a sentence, and end with 2', async () => {
  const missing = await vedette('check', 'nowhere.spec.ts');
  assert.equal(missing.code, 2);
  assert.match(missing.errors, /^There is no file .*nowhere\.spec\.ts/);
  const folder = await vedette('check', 'scripts-library');
  assert.equal(folder.code, 2);
  assert.match(folder.errors, /folder/);
  const none = await vedetteIn(path.dirname(path.dirname(buildScript(''))), 'test');
  assert.equal(none.code, 2);
  assert.match(none.errors, /There is no vedette\.config\.ts here: name scripts to run/);
});

test('help and version are printed', async () => {
  const help = await vedette('--help');
  assert.equal(help.code, 0);
  assert.match(help.output, /check .*\[file\.\.\.\]/);
  assert.match((await vedette('--version')).output, /^\d+\.\d+\.\d+\n$/);
  assert.equal((await vedette('frobnicate')).code, 2);
  assert.equal((await vedette()).code, 2);
});

function buildScript(source: string): string {
  const file = path.join(fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'cli-')), 'flow.spec.ts');
  fs.writeFileSync(file, source);
  return file;
}

function vedette(...args: string[]) {
  return vedetteIn(root, ...args);
}

function vedetteIn(cwd: string, ...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(root, 'bin/vedette.js'), ...args], { cwd }, (error, output, errors) => {
      resolve({ code: error ? Number(error.code) : 0, output, errors });
    });
  });
}
