import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { thriftyBrowser } from '../../test/thrifty-browser.ts';

/* `try` through its front door: the program is started as its user starts it, in a folder of the user's. */

const root = path.join(import.meta.dirname, '..', '..');
const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'try-test-'));
const page = '<title>Start</title><h1>Welcome</h1><input aria-label="User"><p id="echo"></p>';
const server = createServer((question, answer) => {
  if (question.url !== '/hangs') answer.setHeader('content-type', 'text/html').end(page);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

after(() => {
  server.close();
  server.closeAllConnections();
  fs.rmSync(folder, { recursive: true });
});

test('a script that passes is told transaction by transaction as they end, and ends with 0', async () => {
  const script = write('pass.spec.ts', steps("await page.goto('/');", "await page.getByText('Welcome').click();"));
  const { code, out, error } = await tryFile([script, '--base-url', url]);
  assert.deepEqual([code, error], [0, '']);
  assert.match(
    out,
    /^pass\.spec\.ts\n {2}✓ First {2}\d[\d.]* m?s response, \d[\d.]* m?s duration\n {2}✓ Second .*\n\n/,
  );
  assert.match(out, /\npassed in .* m?s, sandbox level \d, .*\n$/);
});

test('with --json each of the runs is one object, in milliseconds', async () => {
  const script = write('json.spec.ts', steps("await page.goto('/');", "expect(await page.title()).toBe('Start');"));
  const { code, out, error } = await tryFile([script, '--base-url', url, '--json', '--repeat', '2']);
  assert.deepEqual([code, error], [0, '']);
  const runs = lines(out);
  assert.equal(runs.length, 2);
  for (const run of runs) {
    assert.deepEqual(Object.keys(run), ['outcome', 'tests', 'evidence', 'sandbox_level', 'duration_ms', 'error']);
    const [only, ...others] = run.tests;
    assert.deepEqual([run.outcome, run.evidence, run.error, others], ['passed', [], null, []]);
    assert.deepEqual([only.title, only.outcome, only.error], [['Flow'], 'passed', null]);
    const [first, second] = only.transactions;
    assert.deepEqual([first.name, first.outcome, first.error, second.name], ['First', 'passed', null, 'Second']);
    assert.ok(first.response_ms > 0 && first.response_ms <= first.duration_ms);
    assert.equal(second.response_ms, null);
    assert.ok(first.duration_ms + second.duration_ms < run.duration_ms);
  }
});

test('a failure shows its place in the source, what it means, and where the evidence lies; it ends with 1', async () => {
  const wait = "await expect(page.getByRole('heading')).toHaveText('Good bye', { timeout: 200 });";
  const script = write('flows/fail.spec.ts', steps("await page.goto('/');", wait, 'await page.reload();'));
  const { code, out } = await tryFile([script, '--base-url', url, '--repeat', '2']);
  assert.equal(code, 1);
  assert.match(
    out,
    / {2}✗ Second {2}\d+ ms duration\n {2}– Third {2}not reached\n\nSecond {2}ASSERTION: something the script/,
  );
  assert.match(out, /\n {2}at flows\/fail\.spec\.ts:7:45\n/);
  assert.ok(out.includes(`  > 7 |     ${wait}\n      | ${' '.repeat(44)}^\n`), out);
  assert.match(out, /\n2 runs: 2 failed\n\n {2}Response time {2}passed +median +p95\n {2}First +2 /);
  const pictures = [...out.matchAll(/^ {2}(vedette-results\/.*\/run-\d\/screenshot\.webp)$/gm)].map(([, file]) => file);
  assert.equal(pictures.length, 2);
  for (const file of pictures) assert.equal((await sharp(path.join(folder, file ?? '')).metadata()).format, 'webp');
  assert.equal(fs.readFileSync(path.join(folder, 'vedette-results/.gitignore'), 'utf8'), '*\n');
});

test('values of the env file reach the script and are masked, plain variables are not; an error of its own ends with 2', async () => {
  const fails = "throw new Error(process.env.PLAIN + ' and ' + process.env.SECRET);";
  const script = write('secret.spec.ts', steps("await page.goto('/');", fails));
  const env = write('values.env', '\uFEFFFIRST=x\n# for tests\nSECRET="canary value"\nUNREAD=x\n');
  const options = ['--base-url', url, '--env-file', env, '--variable', 'PLAIN=visible', '--json', '--output', 'kept'];
  const { code, out } = await tryFile([script, ...options]);
  const [run] = lines(out);
  assert.deepEqual([code, run.outcome, run.tests[0].outcome], [2, 'errored', 'errored']);
  const { error } = run.tests[0].transactions[1];
  assert.deepEqual([error.code, error.message], ['SCRIPT_ERROR', 'visible and •••']);
  assert.deepEqual(error.location, { file: 'secret.spec.ts', line: 7, column: 11 });
  assert.doesNotMatch(out, /canary/);
  assert.deepEqual(run.evidence[0].path, 'kept/screenshot.webp');
  assert.equal(fs.statSync(path.join(folder, 'kept/screenshot.webp')).size, run.evidence[0].bytes);
});

test('what went wrong without a page is told without one', async () => {
  const withPage = "test('Open', async ({ page }) => { await page.goto('/'); });";
  const script = write('sum.spec.ts', `${imports}${withPage}\ntest('Sum', () => expect(1 + 1).toBe(3));\n`);
  const { code, out } = await tryFile([script, '--base-url', url]);
  assert.equal(code, 1);
  assert.match(out, /✗ Sum .*\n\nSum {2}ASSERTION: [\s\S]*\n\nNo screenshot: no page was open\.\n\nfailed in /);
  assert.doesNotMatch(out, /\n\n\n/);
});

test('a secret that is nowhere is named, with what to do; the vault of the home has it from then on', async () => {
  const script = write('vault.spec.ts', `${imports}test.skip('Later', () => { process.env.SHOP_PIN; });\n`);
  const missing = await tryFile([script]);
  assert.equal(missing.code, 2);
  assert.match(
    missing.out,
    /SECRET_MISSING: .*\n.*SHOP_PIN.*`vedette-sentinel secret set SHOP_PIN`.*--env-file.*--variable/,
  );
  await vedette(['secret', 'set', 'SHOP_PIN', '--value-stdin'], { input: '1234' });
  const skipped = await tryFile([script]);
  assert.equal(skipped.code, 0);
  assert.match(skipped.out, /\n {2}– Later {2}skipped: .*\n\nskipped: /);
});

test('what is asked for wrongly is told in a sentence with what to do, nothing is run, and it ends with 2', async () => {
  const good = write('good.spec.ts', steps("await page.goto('/');"));
  const refused = write(
    'refused.spec.ts',
    "import fs from 'node:fs';\nimport { test } from '@playwright/test';\ntest.stepp('x');\n",
  );
  const wrong: [string[], RegExp][] = [
    [['nowhere.spec.ts'], /there is no file nowhere\.spec\.ts: check its name/],
    [['.'], /is a folder: name one script/],
    [[refused], /refused\.spec\.ts:1:16 {2}IMPORT .*\nrefused\.spec\.ts:3:6 {2}TEST_MEMBER /],
    [[good, '--env-file', 'nowhere.env'], /the env file nowhere\.env can't be read/],
    [[good, '--env-file', write('prose.env', 'my password\n')], /write one NAME=value a line/],
    [[good, '--base-url', 'shop'], /whole address such as https:\/\/shop\.example\/, not "shop"/],
    [[good, '--host', 'https://shop/'], /"https:\/\/shop\/" is not a host/],
    [[good, '--repeat', '0'], /whole number, 1 to 99999/],
    [[good, '--timeout', '601'], /whole number, 1 to 600/],
    [[good, '--browser', '/nowhere/chrome', '--headed'], /DISPLAY is not set/],
    [[], /missing required argument/],
  ];
  for (const [args, sentence] of wrong) {
    const { code, out, error } = await tryFile(args);
    assert.match(error, sentence);
    assert.match(error, /^vedette-sentinel: /);
    assert.doesNotMatch(error, /\n\s+at /);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
  }
});

test('an installed sentinel takes a bundle, and says how to make one of anything else', async () => {
  const address = `await page.goto('${url}/');`;
  const script = write(
    'flow.spec.ts',
    steps(address, 'throw new Error([process.env.WORD, process.env?.LAST].join());'),
  );
  const installed = 'sentinel/cli.ts';
  const refused = await tryFile([script], { program: installed });
  assert.equal(refused.code, 2);
  assert.match(refused.error, /flow\.spec\.ts is not a bundle.* `npx vedette bundle flow\.spec\.ts`/);
  assert.equal(
    (await start('bin/vedette.js', ['bundle', script])).out,
    'flow.bundle.js is ready: vedette-sentinel try flow.bundle.js\n',
  );
  const env = write('word.env', 'WORD=hidden word\nLAST=hidden too');
  const { code, out } = await tryFile(['flow.bundle.js', '--env-file', env], { program: installed });
  assert.equal(code, 2);
  assert.match(
    out,
    / {2}✓ First .*\n {2}◆ Second .*\n\nSecond {2}SCRIPT_ERROR.*\n {2}•••,•••\n {2}at flow\.spec\.ts:7:11\n/,
  );
});

test('Ctrl-C ends it at once, and nothing is left', async () => {
  const script = write('hangs.spec.ts', steps("await page.goto('/');", "await page.goto('/hangs');"));
  const temporary = fs.mkdtempSync(path.join(folder, 'tmp-'));
  const child = spawnVedette('bin/vedette-sentinel.js', tryArgs([script, '--base-url', url]), temporary);
  let out = '';
  const [error] = await Promise.all([
    text(child.stderr),
    once(child, 'close'),
    (async () => {
      for await (const chunk of child.stdout) {
        out += chunk;
        if (out.includes('First')) for (const _ of [1, 2]) child.kill('SIGINT');
      }
    })(),
  ]);
  assert.deepEqual([child.exitCode, error], [130, '']);
  assert.deepEqual(fs.readdirSync(temporary), []);
  assert.doesNotMatch(out, /Second/);
});

test('when nobody reads its output any more it ends, and nothing is left', async () => {
  const script = write('unread.spec.ts', steps("await page.goto('/');"));
  const temporary = fs.mkdtempSync(path.join(folder, 'tmp-'));
  const args = tryArgs([script, '--base-url', url, '--repeat', '100']);
  const child = spawnVedette('bin/vedette-sentinel.js', args, temporary);
  child.stdout.once('data', () => child.stdout.destroy());
  const [error] = await Promise.all([text(child.stderr), once(child, 'close')]);
  assert.deepEqual([child.exitCode, error], [130, '']);
  assert.deepEqual(fs.readdirSync(temporary), []);
});

const imports = "import { expect, test } from '@playwright/test';\n";

/** A test of the name Flow, with a step of one line for each of these; the first line of a step is 4, 7, 10 … */
function steps(...bodies: string[]): string {
  const names = ['First', 'Second', 'Third'];
  const all = bodies.map((body, i) => `  await test.step('${names[i]}', async () => {\n    ${body}\n  });\n`);
  return `${imports}test('Flow', async ({ page }) => {\n${all.join('')}});\n`;
}

/** A file in the user's folder; returns its name there. */
function write(name: string, content: string): string {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), content);
  return name;
}

// biome-ignore lint/suspicious/noExplicitAny: what a program prints has no type; the assertions look at it
function lines(out: string): any[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

interface Ways {
  program?: string;
  input?: string;
}

function tryFile(args: string[], ways: Ways = {}) {
  return start(ways.program ?? 'bin/vedette-sentinel.js', tryArgs(args), ways.input);
}

function tryArgs(args: string[]): string[] {
  const root = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const browser = args.includes('--browser') ? [] : ['--browser', thriftyBrowser];
  return ['--home', path.join(folder, 'home'), 'try', ...args, ...browser, ...root];
}

function vedette(args: string[], { input }: Ways = {}) {
  return start('bin/vedette-sentinel.js', ['--home', path.join(folder, 'home'), ...args], input);
}

async function start(program: string, args: string[], input = '') {
  const child = spawnVedette(program, args);
  child.stdin.end(input);
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, error };
}

function spawnVedette(program: string, args: string[], temporary = os.tmpdir()) {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
  // Without `--` Node takes an --env-file that comes after the program for its own.
  return spawn(process.execPath, ['--', path.join(root, program), ...args], {
    cwd: folder,
    env: { ...env, TMPDIR: temporary },
  });
}
