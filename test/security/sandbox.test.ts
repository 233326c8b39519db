import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { Run } from '../../sentinel/protocol/messages.ts';
import type { Runner } from '../../sentinel/runner/runner.ts';
import { type RunningShop, startShop } from '../apps/shop/shop.ts';
import { buildRunner, runBundle, runScript } from '../run-script.ts';

/*
 * A script signed by a genuine key but written by an enemy: no check has seen it. Each attempt either throws or is caught
 * out; one that gets what it wanted returns, and is named in the run's error.
 */

const canary = join(tmpdir(), `vedette-canary-${process.pid}.txt`);
const database = join(tmpdir(), `vedette-canary-${process.pid}.sqlite`);
let shop: RunningShop;
let runner: Runner;

before(async () => {
  writeFileSync(canary, 'canary');
  const made = new DatabaseSync(database);
  made.exec('create table if not exists canary (song text)');
  made.close();
  shop = await startShop({ password: 'correct horse battery' });
  runner = await buildRunner();
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await shop.close();
  for (const file of [canary, database]) rmSync(file, { force: true });
});

/** Attempts of a script as code; `page`, `context`, `url`, `canary` and `builtin(name)` are at hand. */
const attempts: Record<string, string> = {
  'read a file': `builtin('fs').readFileSync('/etc/passwd')`,
  'read a file by promise': `await builtin('fs/promises').readFile('/etc/passwd')`,
  'open a file': `builtin('fs').openSync('/etc/passwd')`,
  'list a folder': `if (builtin('fs').readdirSync('/home').length === 0) throw new Error('empty')`,
  'write outside the scratch folder': `builtin('fs').writeFileSync('/tmp/vedette-was-here', 'x')`,
  'link out of the scratch folder': `builtin('fs').symlinkSync('/etc', process.env.HOME + '/etc'); builtin('fs').readFileSync(process.env.HOME + '/etc/passwd')`,
  'read the environment of the sentinel': `const e = process.env; if (!e.PATH && !e.USER && !e.SECRET_OF_THE_SENTINEL) throw new Error('empty')`,
  'read the environment through /proc': `builtin('fs').readFileSync('/proc/self/environ')`,
  spawn: `const r = builtin('child_process').spawnSync('id'); if (r.error) throw r.error`,
  exec: `builtin('child_process').execSync('id')`,
  fork: `builtin('child_process').fork('/x.js')`,
  worker: `new (builtin('worker_threads').Worker)('1', { eval: true })`,
  cluster: `builtin('cluster').fork()`,
  fetch: `await fetch(url)`,
  'connect a socket': `await new Promise((ok, no) => builtin('net').connect(new URL(url).port, '127.0.0.1').on('error', no).on('connect', ok))`,
  'listen on a port': `await new Promise((ok, no) => builtin('net').createServer().on('error', no).listen(0, '127.0.0.1', ok))`,
  'send a datagram': `await new Promise((ok, no) => builtin('dgram').createSocket('udp4').on('error', no).send('x', 53, '8.8.8.8', (e) => (e ? no(e) : ok())))`,
  'ask the name server': `await builtin('dns').promises.resolve('example.com')`,
  'load an add-on': `process.dlopen({ exports: {} }, '/x.node')`,
  // Inside its own process namespace the signal is taken and does nothing: that the script goes on shows it.
  'kill its parent': `process.kill(process.ppid, 'SIGKILL'); await new Promise((r) => setTimeout(r, 200)); throw new Error('it still lives')`,
  'signal the sentinel': `process.kill(${process.pid}, 0)`,
  'open the inspector': `builtin('inspector').open(0); if (!builtin('inspector').url()) throw new Error('closed')`,
  'reach an internal binding': `process.binding('spawn_sync')`,
  'run WASI': `new (builtin('wasi').WASI)({ version: 'preview1', preopens: { '/': '/etc' } })`,
  'import a module by path': `await import('/etc/hostname')`,
  'open SQLite on a file': `new (builtin('node:sqlite').DatabaseSync)(database, { readOnly: true }).prepare('select * from canary').all()`,
  'show a file': `await page.goto('file:///etc/passwd')`,
  'show a file in a frame': `await page.goto(url); await page.evaluate(() => new Promise((ok, no) => { const f = document.createElement('iframe'); f.src = 'file:///etc/passwd'; f.onload = () => (f.contentDocument ? no(new Error('blank')) : ok()); document.body.append(f); setTimeout(() => no(new Error('nothing')), 1500); }))`,
  'show the browser itself': `await page.goto('chrome://version')`,
  'show the source of a file': `await page.goto('view-source:file:///etc/passwd')`,
  'open the tools of the browser': `await page.goto('devtools://devtools/bundled/inspector.html')`,
  'upload a file from outside': `await page.setContent('<input type=file>'); await page.locator('input').setInputFiles(canary)`,
  'download to elsewhere': `await (await context.newCDPSession(page)).send('Page.setDownloadBehavior', { behavior: 'allow', downloadPath: '/tmp' })`,
  'talk to the browser as a whole': `await (await context.browser().newBrowserCDPSession()).send('SystemInfo.getInfo')`,
  'close the browser for others': `await (await context.browser().newBrowserCDPSession()).send('Browser.close')`,
  'read the clipboard': `await context.grantPermissions(['clipboard-read'])`,
  'use a proxy of its own': `await context.browser().newContext({ proxy: { server: '127.0.0.1:1' } })`,
  'reach another host': `await page.goto('http://169.254.169.254/')`,
  'reach another port of this machine': `await page.goto('http://127.0.0.1:' + (Number(new URL(url).port) + 1) + '/')`,
  'reach this machine under another name': `await page.goto('http://localtest.me:' + new URL(url).port + '/')`,
};

test('every attempt of a hostile script is denied, its run ends as SCRIPT_ERROR, and the next run works', async () => {
  process.env.SECRET_OF_THE_SENTINEL = 'not for scripts';
  const { run } = await attempt(attempts);
  assert.equal(run.error?.code, 'SCRIPT_ERROR', String(run.error?.message));
  const told = JSON.parse(run.error?.message ?? '{}') as { tried: string[]; open: string[] };
  assert.deepEqual(told.tried, Object.keys(attempts));
  assert.deepEqual(told.open, [], `these attempts succeeded at sandbox level ${run.sandboxLevel}`);
  assert.equal(run.sandboxLevel, 3);
  await nextRunWorks();
});

test('a script that forges messages to the sentinel ends as SCRIPT_ERROR, and the next run works', async () => {
  for (const forged of [
    `{ kind: 'verdict', outcome: 'passed', id: 'x' }`,
    `{ kind: 'test-end', test: { title: 7 } }`,
    `'text'`,
    `null`,
    `{ kind: 'cdp', message: 'not JSON' }`,
    `{ kind: 'cdp', message: 'null' }`,
    `{ kind: 'cdp', message: '{"id":1,"method":7}' }`,
  ]) {
    const { run } = await runBundle(runner, script(`process.send(${forged}); await new Promise(() => {});`), {
      url: shop.url,
    });
    assert.equal(run.error?.code, 'SCRIPT_ERROR', `${forged}: ${run.error?.message}`);
  }
  await nextRunWorks();
});

test('a script that ends its process is told as its own error, and the next run works', async () => {
  const { run } = await runBundle(runner, script('process.exit(0);'), { url: shop.url });
  assert.equal(run.error?.code, 'SCRIPT_ERROR', String(run.error?.message));
  await nextRunWorks();
});

function attempt(all: Record<string, string>): Promise<{ run: Run }> {
  const tries = Object.entries(all).map(
    ([name, code]) => `await attempt(${JSON.stringify(name)}, async () => { ${code}; });`,
  );
  return runBundle(
    runner,
    script(`
      const url = ${JSON.stringify(shop.url)}, canary = ${JSON.stringify(canary)}, database = ${JSON.stringify(database)};
      const builtin = (name) => process.getBuiltinModule(name);
      const tried = [], open = [];
      process.removeAllListeners('uncaughtException').on('uncaughtException', () => {}); // errors that come as events
      page.setDefaultTimeout(3000);
      const within = (work) => Promise.race([work, new Promise((_, no) => setTimeout(() => no(new Error('no answer')), 4000))]);
      const attempt = async (name, code) => {
        tried.push(name);
        try { await within(code()); open.push(name); } catch {}
      };
      ${tries.join('\n')}
      throw new Error(JSON.stringify({ tried, open }));`),
    { url: shop.url, timeoutMs: 120_000 },
  );
}

/** A bundle as esbuild would write it, around the body of a test. */
function script(body: string): string {
  return `const { test, expect } = require('@playwright/test');\ntest.setTimeout(110_000);\ntest('hostile', async ({ page, context }) => {\n${body}\n});\n`;
}

async function nextRunWorks(): Promise<void> {
  const source = `import { test } from '@playwright/test';\ntest('next', async ({ page }) => { await page.goto('/'); });\n`;
  const { run } = await runScript(runner, { source }, { url: shop.url });
  assert.equal(run.outcome, 'passed', String(run.error?.message));
}
