import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import fs from 'node:fs';
import { SourceMap } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { sha256Hex, verifyStatement } from '../../sentinel/protocol/statement.ts';
import { bundle, ScriptRefused } from './bundle.ts';
import { newScriptKey, sign } from './sign.ts';

const shopSpec = fileURLToPath(new URL('../shop/shop.spec.ts', import.meta.url));
const spec = (lines = '') =>
  `import { test, expect } from '@playwright/test';\ntest('a', async ({ page }) => {});\n${lines}`;

test('the script of the shop becomes one file that asks for Playwright Test alone', async () => {
  const { code, sha256, hosts, secrets } = await bundle(shopSpec);
  assert.equal(sha256, sha256Hex(code));
  assert.deepEqual({ hosts, secrets }, { hosts: [], secrets: ['SHOP_PASSWORD'] });
  assert.deepEqual(declaredIn(code), { required: ['@playwright/test'], tests: ['Web shop'] });
});

test('relative files are in the bundle, with the fixtures and secrets that they bring', async () => {
  const folder = buildFolder({
    'flow.spec.ts':
      "import { test, type Basket } from './shop-test';\ntest('a', async ({ basket, page }) => { await page.goto(basket); });",
    'shop-test.ts':
      "import { test as base } from '@playwright/test';\nimport { home } from './pages/home.ts';\nexport type Basket = string;\nexport const test = base.extend<{ basket: Basket }>({ basket: async ({}, use) => { await use(home + process.env.PIN); } });",
    'pages/home.ts': "export const home = 'https://shop.example:8443/home';",
  });
  const { code, hosts, secrets } = await bundle(path.join(folder, 'flow.spec.ts'));
  assert.deepEqual({ hosts, secrets }, { hosts: ['shop.example:8443'], secrets: ['PIN'] });
  assert.deepEqual(declaredIn(code), { required: ['@playwright/test'], tests: ['a'] });
});

test('names that a script has a value for itself are told apart, unless it reads them without one too', async () => {
  const folder = buildFolder({
    'flow.spec.ts': `import { test } from '@playwright/test';
      const { START = './', USER } = process.env;
      test('a', async ({ page }) => {
        await page.goto(START + (process.env.PAGE ?? 'a') + (process.env.TAIL || START) + (process.env.BOTH ?? 'b') + (process.env.EMPTY ?? ''));
        await page.getByLabel(USER + process.env.BOTH).fill(process.env.AND && 'x');
      });`,
  });
  const { secrets, withDefault } = await bundle(path.join(folder, 'flow.spec.ts'));
  assert.deepEqual(secrets, ['AND', 'BOTH', 'EMPTY', 'PAGE', 'START', 'TAIL', 'USER']);
  assert.deepEqual(withDefault, ['PAGE', 'START', 'TAIL']);
});

test('a fixture that another file did not declare is refused in the file that asks for it', async () => {
  const folder = buildFolder({
    'flow.spec.ts': "import { test } from './shop-test';\ntest('a', async ({ page, trolley }) => {});",
    'shop-test.ts': "import { test as base } from '@playwright/test';\nexport const test = base.extend({ basket: 1 });",
  });
  assert.deepEqual(await faultsOf(folder), ['flow.spec.ts:2:26 FIXTURE']);
});

test('faults in relative files are told with their own place', async () => {
  const folder = buildFolder({
    'flow.spec.ts': spec("import { a } from './pages/a';\na(expect);"),
    'pages/a.ts': "import os from 'node:os';\n\nexport const a = (e) => os.x(process.env[e]);",
  });
  assert.deepEqual(await faultsOf(folder), ['pages/a.ts:1:16 IMPORT', 'pages/a.ts:3:30 ENVIRONMENT']);
});

test('syntax errors and missing files are told with their place', async () => {
  assert.deepEqual(await faultsOf(buildFolder({ 'flow.spec.ts': spec('const a = ;') })), ['flow.spec.ts:3:11 SYNTAX']);
  const missing = buildFolder({ 'flow.spec.ts': spec("import './nowhere';") });
  assert.deepEqual(await faultsOf(missing), ['flow.spec.ts:3:8 IMPORT_MISSING']);
});

test('a file outside of the folder is not taken in, through a link neither', async () => {
  const folder = buildFolder({
    'mine/flow.spec.ts': spec("import '../theirs';\nimport './link';"),
    'theirs.ts': 'export {}',
  });
  fs.symlinkSync('../theirs.ts', path.join(folder, 'mine/link.ts'));
  assert.deepEqual(await faultsOf(path.join(folder, 'mine')), [
    'flow.spec.ts:3:8 IMPORT_OUTSIDE',
    'flow.spec.ts:4:8 IMPORT_OUTSIDE',
  ]);
  assert.ok((await bundle(path.join(folder, 'mine/flow.spec.ts'), folder)).code);
});

/** Each is beside a folder `theirs`, which it tries to look into. */
const lookingElsewhere: [what: string, files: Record<string, string>, faults: string[]][] = [
  ['a source map', { 'flow.spec.ts': spec('//# sourceMappingURL=../theirs/key') }, ['flow.spec.ts:3:5 IMPORT']],
  [
    'a source map in other words',
    { 'flow.spec.ts': spec('/* a @ sourceMappingURL=file:///etc/passwd */') },
    ['flow.spec.ts:3:8 IMPORT'],
  ],
  [
    'a source map of a style',
    { 'flow.spec.ts': spec("import './a.css';"), 'a.css': 'a{}\n/*# sourceMappingURL=../theirs/key */' },
    ['a.css:2:5 IMPORT'],
  ],
  ['import()', { 'flow.spec.ts': spec('import("../theirs/" + test);') }, ['flow.spec.ts:3:1 IMPORT_DYNAMIC']],
  [
    'two of require',
    { 'flow.spec.ts': spec('const a = [require(`../theirs/$' + '{test}`), require("../theirs/" + test)];') },
    ['flow.spec.ts:3:12 IMPORT_DYNAMIC', 'flow.spec.ts:3:42 IMPORT_DYNAMIC'],
  ],
  [
    'require in disguise',
    { 'flow.spec.ts': spec('\\u0072equire("../theirs/" + test);') },
    ['flow.spec.ts:1:1 IMPORT_DYNAMIC', 'flow.spec.ts:3:1 IMPORT_DYNAMIC'],
  ],
  [
    'require in a file of JavaScript',
    { 'flow.spec.ts': spec("import './a.js';"), 'a.js': '{ require("../theirs/" + a) }' },
    ['a.js:1:3 IMPORT_DYNAMIC'],
  ],
  [
    'a package.json',
    { 'flow.spec.ts': spec("import './a';"), 'a/package.json': '{ "main": "../../theirs/key" }' },
    ['flow.spec.ts:3:8 IMPORT_MISSING'],
  ],
  ['what is not there', { 'flow.spec.ts': spec("import '../theirs/nothing';") }, ['flow.spec.ts:3:8 IMPORT_OUTSIDE']],
];

for (const [what, files, wanted] of lookingElsewhere) {
  test(`nothing outside of the folder is looked at: ${what}`, async () => {
    const mine = Object.entries(files).map(([name, text]) => [`mine/${name}`, text]);
    const folder = buildFolder({ ...Object.fromEntries(mine), 'theirs/key': 'k7Pq', 'theirs/a.ts': 'k7Pq = ;' });
    const refused = await bundle(path.join(folder, 'mine/flow.spec.ts')).catch((error: unknown) => error);
    assert.ok(refused instanceof ScriptRefused, String(refused));
    assert.doesNotMatch(refused.message, /k7Pq|theirs\/(key|a)\b|root/);
    assert.deepEqual(await faultsOf(path.join(folder, 'mine')), wanted);
  });
}

test('aliases of a tsconfig.json lead nowhere', async () => {
  const folder = buildFolder({
    'flow.spec.ts': spec("import '@/theirs';"),
    'theirs.ts': 'export {}',
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }',
  });
  assert.deepEqual(await faultsOf(folder), ['flow.spec.ts:3:8 IMPORT']);
});

test('the same sources make the same bytes wherever they lie, and tell no path', async () => {
  const files = {
    'x/flow.spec.ts': spec("import './side';\nimport { b } from './b';\nb();"),
    'x/b.ts': 'export const b = () => {};',
    'x/side.ts': 'globalThis.side = 1;',
  };
  const packages = [undefined, { type: 'module' }, { type: 'commonjs' }, { sideEffects: false }];
  const folders = packages.map((json) =>
    buildFolder({ ...files, ...(json && { 'package.json': JSON.stringify(json) }) }),
  );
  const bundles = await Promise.all(folders.map((folder) => bundle(path.join(folder, 'x/flow.spec.ts'))));
  assert.equal(new Set(bundles.map(({ sha256 }) => sha256)).size, 1);
  for (const folder of folders) assert.ok(!textIn(bundles[0]?.code ?? '').includes(folder));
});

test('the source map in the bundle leads back to the lines of the author', async () => {
  const folder = buildFolder({
    'flow.spec.ts': spec('type A = {\n  a: string;\n};\nexport function late() {\n  throw new Error();\n}'),
  });
  const { code } = await bundle(path.join(folder, 'flow.spec.ts'));
  const line = code.split('\n').findIndex((text) => text.includes('throw new Error'));
  const entry = new SourceMap(mapIn(code)).findEntry(line, (code.split('\n')[line] ?? '').indexOf('throw'));
  assert.ok('originalSource' in entry);
  assert.deepEqual([entry.originalSource, entry.originalLine], ['flow.spec.ts', 6]);
});

test('hosts are those of every address that is written out', async () => {
  const gap = '$' + '{x}';
  const plain = "'https://a.example/x', 'http://B.example:8080', 'https://e.example:443', 'ftp://f', 'https://'";
  const templates = `\`https://c.example/${gap}\`, \`https://d${gap}.example/\``;
  const addresses = `const x = 1; export const all = [${plain}, ${templates}];`;
  const { hosts } = await bundle(path.join(buildFolder({ 'flow.spec.ts': spec(addresses) }), 'flow.spec.ts'));
  assert.deepEqual(hosts, ['a.example', 'b.example:8080', 'c.example', 'e.example']);
});

test('an altered bundle is not the one that was signed', async () => {
  const key = newScriptKey();
  const { code, sha256, hosts, secrets } = await bundle(shopSpec);
  const customerId = '018f0000-0000-7000-8000-00000000000a';
  const statement = {
    customerId,
    script: 'shop.spec.ts',
    version: 1,
    bundleSha256: sha256,
    hosts,
    secrets,
    keyId: key.id,
    signedAt: 1,
  };
  const verified = verifyStatement(sign(statement, createPrivateKey(key.privateKeyPem)), [key], customerId);
  assert.ok(verified.ok);
  assert.equal(verified.statement.bundleSha256, sha256Hex(code));
  assert.notEqual(verified.statement.bundleSha256, sha256Hex(code.replace('sencha', 'assam')));
});

test('a script that is not there is an error of the file system', async () => {
  await assert.rejects(bundle(path.join(os.tmpdir(), 'vedette-no-such.spec.ts')), { code: 'ENOENT' });
});

const built: string[] = [];
after(() => {
  for (const folder of built) fs.rmSync(folder, { recursive: true });
});

function buildFolder(files: Record<string, string>): string {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'vedette-bundle-'));
  built.push(folder);
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

async function faultsOf(folder: string): Promise<string[]> {
  const refused = await bundle(path.join(folder, 'flow.spec.ts')).catch((error: unknown) => error);
  assert.ok(refused instanceof ScriptRefused, String(refused));
  return refused.faults.map((f) => `${path.relative(folder, f.file)}:${f.line}:${f.column} ${f.code}`);
}

/** Runs a bundle with a Playwright Test that only takes down which tests it is told of. */
function declaredIn(code: string): { required: string[]; tests: string[] } {
  const required: string[] = [];
  const tests: string[] = [];
  const fakeTest = Object.assign((title: string) => tests.push(title), { use: () => {}, extend: () => fakeTest });
  const fakeRequire = (name: string) => {
    required.push(name);
    return { test: fakeTest, expect: () => {} };
  };
  vm.runInNewContext(code, { require: fakeRequire, module: { exports: {} }, process: { env: {} } });
  return { required: [...new Set(required)], tests };
}

function mapIn(code: string) {
  return JSON.parse(Buffer.from(code.split('base64,').at(-1) ?? '', 'base64').toString());
}

function textIn(code: string): string {
  return code + JSON.stringify(mapIn(code));
}
