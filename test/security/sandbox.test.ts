import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { Run } from '../../sentinel/protocol/messages.ts';
import type { DetailedRunner } from '../../sentinel/runner/runner.ts';
import { type RunningShop, startShop } from '../apps/shop/shop.ts';
import { buildRunner, runBundle, runScript } from '../run-script.ts';
import { usersBrowser } from '../thrifty-browser.ts';

/*
 * A script signed by a genuine key but written by an enemy: no check has seen it. Each attempt either throws or is caught
 * out; one that gets what it wanted returns, and is named in the run's error.
 */

const folder = mkdtempSync(join(tmpdir(), 'vedette-hostile-'));
const canary = join(folder, 'canary.txt');
const database = join(folder, 'canary.db');
let shop: RunningShop;
/** Something else that listens on this machine, and that no script may reach. */
let neighbour: Server;
let reached = 0;
/** With the browser that users have, which is to keep a script in bounds too. */
let walls: DetailedRunner;
/** For what is between a script and the sentinel alone. */
let thrifty: DetailedRunner;

before(async () => {
  writeFileSync(canary, 'canary');
  using made = new DatabaseSync(database);
  made.exec('create table canary (song text)');
  process.env.SECRET_OF_THE_SENTINEL = 'not for scripts';
  shop = await startShop({ password: 'correct horse battery' });
  neighbour = createServer((_, answer) => answer.end('private')).on('connection', () => reached++);
  await new Promise<void>((done) => neighbour.listen(0, '127.0.0.1', done));
  walls = await buildRunner({ doorsOpen: true }, { browser: usersBrowser });
  thrifty = await buildRunner({ doorsOpen: true });
});
after(async () => {
  await walls[Symbol.asyncDispose]();
  await thrifty[Symbol.asyncDispose]();
  await shop.close();
  neighbour.close();
  rmSync(folder, { recursive: true });
});

/** Attempts of a script as code; `page`, `context`, `url`, `other`, `folder`, `scratch`, `canary`, `database`, `builtin(name)` and commands for the browser are at hand. */
const attempts: Record<string, string> = {
  'read a file': `builtin('fs').readFileSync(canary)`,
  'read a file by promise': `await builtin('fs/promises').readFile(canary)`,
  'open a file': `builtin('fs').openSync(canary)`,
  'read a file by its bytes': `builtin('fs').readFileSync(Buffer.from(canary))`,
  'read a file through /proc': `builtin('fs').readFileSync('/proc/self/root' + canary)`,
  'read a file as a blob': `await (await builtin('fs').openAsBlob(canary)).text()`,
  'copy a file': `builtin('fs').cpSync(canary, scratch + '/copy')`,
  'list a folder': `if (builtin('fs').readdirSync('/home').length === 0) throw new Error('empty')`,
  'watch a folder': `builtin('fs').watch(folder)`,
  'write outside the scratch folder': `builtin('fs').writeFileSync(folder + '/was-here', 'x')`,
  'link out of the scratch folder': `builtin('fs').symlinkSync(folder, scratch + '/out'); builtin('fs').readFileSync(scratch + '/out/canary.txt')`,
  'link a file into the scratch folder': `builtin('fs').linkSync(canary, scratch + '/in'); builtin('fs').readFileSync(scratch + '/in')`,
  'read the environment of the sentinel': `const e = process.env; if (!e.PATH && !e.USER && !e.SECRET_OF_THE_SENTINEL) throw new Error('empty')`,
  'read the environment through /proc': `builtin('fs').readFileSync('/proc/self/environ')`,
  'load an environment file': `process.loadEnvFile(canary)`,
  'write a report': `process.report.writeReport(folder + '/was-here')`,
  'write a heap snapshot': `builtin('v8').writeHeapSnapshot(folder + '/was-here')`,
  'write compiled code for later runs': `const [, to = '/'] = /--allow-fs-write=(\\S+compiled\\/)/.exec(process.execArgv.join(' ')) ?? []; builtin('fs').writeFileSync(to + 'x', 'x')`,
  'change the snapshot that later runs begin with': `const [, file = '/'] = /--snapshot-blob=(\\S+)/.exec(process.execArgv.join(' ')) ?? []; builtin('fs').writeFileSync(file, 'x')`,
  spawn: `const r = builtin('child_process').spawnSync('id'); if (r.error) throw r.error`,
  exec: `builtin('child_process').execSync('id')`,
  fork: `builtin('child_process').fork('/x.js')`,
  'become another program': `process.execve('/bin/true', ['true'], {})`,
  worker: `new (builtin('worker_threads').Worker)('1', { eval: true })`,
  cluster: `builtin('cluster').fork()`,
  'fetch from another host': `await fetch(other)`,
  'ask another host over HTTP': `await new Promise((ok, no) => builtin('http').get(other, ok).on('error', no))`,
  'connect to another host': `await new Promise((ok, no) => builtin('net').connect(+new URL(other).port, '127.0.0.1').on('error', no).on('connect', ok))`,
  'connect a socket of its own': `await new Promise((ok, no) => new (builtin('net').Socket)().connect(+new URL(url).port, '127.0.0.1').on('error', no).on('connect', ok))`,
  'connect to a socket in a file': `await new Promise((ok, no) => new (builtin('net').Socket)().connect('/run/dbus/system_bus_socket').on('error', no).on('connect', ok))`,
  'open a web socket to another host': `await new Promise((ok, no) => { const w = new WebSocket(other.replace('http', 'ws')); w.onopen = ok; w.onerror = no; })`,
  'listen on a port': `await new Promise((ok, no) => builtin('net').createServer().on('error', no).listen(0, '127.0.0.1', ok))`,
  'send a datagram': `await new Promise((ok, no) => builtin('dgram').createSocket('udp4').on('error', no).send('x', 53, '8.8.8.8', (e) => (e ? no(e) : ok())))`,
  'ask the name server': `await builtin('dns').promises.resolve('example.com')`,
  'look up a name': `await builtin('dns').promises.lookup('localhost')`,
  'load an add-on': `process.dlopen({ exports: {} }, '/x.node')`,
  'call a system library': `builtin('node:ffi').dlopen(null, {})`,
  // Inside its own process namespace the signal is taken and does nothing: that the script goes on shows it.
  'kill its parent': `process.kill(process.ppid, 'SIGKILL'); await new Promise((r) => setTimeout(r, 200)); throw new Error('it still lives')`,
  'signal the sentinel': `process.kill(${process.pid}, 0)`,
  'signal the sentinel past the checks': `if (process._kill(${process.pid}, 0) !== 0) throw new Error('no such process')`,
  'have the sentinel debugged': `process._debugProcess(${process.pid})`,
  'slow the sentinel down': `builtin('os').setPriority(${process.pid}, 10)`,
  'open the inspector': `builtin('inspector').open(0); if (!builtin('inspector').url()) throw new Error('closed')`,
  'inspect itself': `const s = new (builtin('inspector').Session)(); s.connect(); await new Promise((ok, no) => s.post('Runtime.evaluate', { expression: '1' }, (e) => (e ? no(e) : ok())))`,
  'reach an internal binding': `process.binding('spawn_sync')`,
  'reach a linked binding': `process._linkedBinding('spawn_sync')`,
  'run WASI': `new (builtin('wasi').WASI)({ version: 'preview1', preopens: { '/': '/etc' } })`,
  'import a module by path': `await import('/etc/hostname')`,
  'require a module by path': `builtin('module').createRequire('/')(canary)`,
  'have modules loaded its own way': `builtin('module').register('data:text/javascript,')`,
  'give itself permissions': `process.permission.drop = undefined; if (!process.permission.has('fs.read')) throw new Error('none')`,
  'list the folders of other runs': `if (builtin('fs').readdirSync(scratch + '/..').length === 0) throw new Error('empty')`,
  'change its own library': `builtin('fs').appendFileSync(process.argv[1], '//')`,
  'read the memory of the sentinel': `builtin('fs').openSync('/proc/${process.pid}/mem')`,
  'read through the files it has open': `builtin('fs').readdirSync('/proc/self/fd')`,
  'have V8 write a file': `const v8 = builtin('v8'); v8.setFlagsFromString('--trace-turbo'); v8.setFlagsFromString('--trace-turbo-path=' + folder); const hot = new Function('a', 'let s = 0; for (let i = 0; i < a; i++) s += i; return s'); for (let i = 0; i < 3000; i++) hot(1000); v8.setFlagsFromString('--no-trace-turbo'); throw new Error('the folder tells')`,
  'keep compiled code elsewhere': `const { status } = builtin('module').enableCompileCache(folder + '/was-here'); builtin('module').flushCompileCache(); if (!outside()) throw new Error('nowhere')`,
  'reach modules through the main one': `process.mainModule.require('fs').readFileSync(canary)`,
  'import in code made from text': `await new Function("return import('/etc/hostname')")()`,
  'import in a context of its own': `const { Script, constants } = builtin('vm'); await new Script('import("file:///etc/hostname")', { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }).runInThisContext()`,
  'be debugged': `process.kill(process.pid, 'SIGUSR1'); await new Promise((r) => setTimeout(r, 300)); if (!builtin('inspector').url()) throw new Error('closed')`,
  'listen in a file': `await new Promise((ok, no) => builtin('net').createServer().on('error', no).listen(scratch + '/socket', ok))`,
  'connect to another host over HTTP/2': `await new Promise((ok, no) => builtin('http2').connect(other).on('error', no).request({ ':path': '/' }).on('error', no).on('response', ok))`,
  'connect to another host over TLS': `await new Promise((ok, no) => builtin('tls').connect({ port: +new URL(other).port, host: '127.0.0.1', rejectUnauthorized: false }, ok).on('error', no))`,
  'connect over IPv6': `await new Promise((ok, no) => builtin('net').connect(+new URL(other).port, '::1').on('error', no).on('connect', ok))`,
  'send SQLite to a file': `const { DatabaseSync, backup } = builtin('node:sqlite'); await backup(new DatabaseSync(':memory:'), folder + '/was-here'); if (!outside()) throw new Error('nowhere')`,
  'have SQLite write its copy': `new (builtin('node:sqlite').DatabaseSync)(':memory:').exec("vacuum into '" + folder + "/was-here'"); if (!outside()) throw new Error('nowhere')`,
  'open SQLite on a file': `new (builtin('node:sqlite').DatabaseSync)(database, { readOnly: true }).prepare('select * from canary').all()`,
  'write SQLite to a file': `new (builtin('node:sqlite').DatabaseSync)(folder + '/was-here').exec('create table a(b)'); if (!outside()) throw new Error('nowhere')`,
  'attach a file to SQLite': `new (builtin('node:sqlite').DatabaseSync)(':memory:').exec("attach '" + folder + "/was-here' as x; create table x.a(b)"); if (!outside()) throw new Error('nowhere')`,
  'load code into SQLite': `new (builtin('node:sqlite').DatabaseSync)(':memory:', { allowExtension: true }).loadExtension('/x.so')`,
  'show a file': `await page.goto('file:///etc/passwd')`,
  'show a file in a frame': `await page.goto(url); await page.evaluate(() => new Promise((ok, no) => { const f = document.createElement('iframe'); f.src = 'file:///etc/passwd'; f.onload = () => (f.contentDocument ? no(new Error('blank')) : ok()); document.body.append(f); setTimeout(() => no(new Error('nothing')), 1500); }))`,
  'fetch a file from a page': `await page.goto(url); await page.evaluate(() => fetch('file:///etc/passwd'))`,
  'show the browser itself': `await page.goto('chrome://version')`,
  'show the source of a file': `await page.goto('view-source:file:///etc/passwd')`,
  'open the tools of the browser': `await page.goto('devtools://devtools/bundled/inspector.html')`,
  'upload a file from outside': `await page.setContent('<input type=file>'); await page.locator('input').setInputFiles(canary)`,
  'download to elsewhere': `await (await context.newCDPSession(page)).send('Page.setDownloadBehavior', { behavior: 'allow', downloadPath: '/tmp' })`,
  'talk to the browser as a whole': `await (await context.browser().newBrowserCDPSession()).send('SystemInfo.getInfo')`,
  'close the browser for others': `await (await context.browser().newBrowserCDPSession()).send('Browser.close')`,
  'read the clipboard': `await context.grantPermissions(['clipboard-read'])`,
  'use a proxy of its own': `await context.browser().newContext({ proxy: { server: '127.0.0.1:1' } })`,
  'start a browser of its own': `await context.browser().browserType().launch()`,
  'open a file by a command': `await command('Page.navigate', { url: 'file:///etc/passwd' })`,
  'open a new page on a file': `await whole('Target.createTarget', { url: 'file:///etc/passwd', browserContextId })`,
  'open a page among the browser’s own': `await whole('Target.createTarget', { url: 'about:blank' })`,
  'list what the browser has open': `await whole('Target.getTargets', {})`,
  'attach to another page': `await whole('Target.attachToTarget', { targetId: 'A'.repeat(32), flatten: true })`,
  'attach to the browser': `await whole('Target.attachToBrowserTarget', {})`,
  'attach in its own way': `await whole('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true })`,
  'hand the protocol to a page': `await whole('Target.exposeDevToolsProtocol', { targetId: 'A'.repeat(32) })`,
  'command another page': `await elsewhere('Page.captureScreenshot', {})`,
  'save a page with all it shows': `await command('Page.captureSnapshot', {})`,
  'close another page': `await whole('Target.closeTarget', { targetId: 'A'.repeat(32) })`,
  'end another context': `await whole('Target.disposeBrowserContext', { browserContextId: 'A'.repeat(32) })`,
  'read cookies of other contexts': `await whole('Storage.getCookies', {})`,
  'set cookies in another context': `await whole('Storage.setCookies', { cookies: [], browserContextId: 'A'.repeat(32) })`,
  'clear the data of an origin': `await command('Storage.clearDataForOrigin', { origin: url, storageTypes: 'all' })`,
  'watch the traffic of all pages': `await whole('Fetch.enable', {})`,
  'trace the browser': `await whole('Tracing.start', {})`,
  'ask about the machine': `await whole('SystemInfo.getInfo', {})`,
  'ask about the processes of the browser': `await whole('SystemInfo.getProcessInfo', {})`,
  'read the command line of the browser': `await whole('Browser.getBrowserCommandLine', {})`,
  'close the browser': `await whole('Browser.close', {})`,
  'crash the browser': `await whole('Browser.crash', {})`,
  'install an extension': `await whole('Extensions.loadUnpacked', { path: folder })`,
  'install an application': `await whole('PWA.install', { manifestId: url })`,
  'allow itself the clipboard': `await whole('Browser.setPermission', { permission: { name: 'clipboard-read' }, setting: 'granted', browserContextId })`,
  'allow everybody something': `await whole('Browser.grantPermissions', { permissions: ['geolocation'] })`,
  'take certificates for granted everywhere': `await whole('Security.setIgnoreCertificateErrors', { ignore: true })`,
  'make a context that goes past the gate': `await whole('Target.createBrowserContext', { proxyServer: 'direct://' })`,
  'have downloads put elsewhere': `await whole('Browser.setDownloadBehavior', { behavior: 'allowAndName', downloadPath: folder, browserContextId })`,
  'have downloads put above the scratch folder': `await whole('Browser.setDownloadBehavior', { behavior: 'allowAndName', downloadPath: scratch + '/..', browserContextId })`,
  'name what is downloaded': `await whole('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: scratch, browserContextId })`,
  'give a page a file by a command': `await command('DOM.setFileInputFiles', { files: [canary], nodeId: 1 })`,
  'drop a file on a page': `await command('Input.dispatchDragEvent', { type: 'drop', x: 1, y: 1, data: { items: [], files: [canary], dragOperationsMask: 1 } })`,
  'drop the address of a file on a page': `await page.goto(url); for (const type of ['dragEnter', 'dragOver', 'drop']) await session.send('Input.dispatchDragEvent', { type, x: 5, y: 5, data: { items: [{ mimeType: 'text/uri-list', data: 'file:///etc/passwd' }], dragOperationsMask: 1 } }); await page.waitForURL(/^file:/, { timeout: 1000 })`,
  'send a request on to a file': `await command('Fetch.continueRequest', { requestId: '1', url: 'file:///etc/passwd' })`,
  'redirect a page to a file': `await page.route('**/redirected', (route) => route.fulfill({ status: 302, headers: { location: 'file:///etc/passwd' } })); await page.goto(url + '/redirected'); if (!page.url().startsWith('file:')) throw new Error(page.url())`,
  'read a file with all rights of a world': `await page.goto(url); const { frameTree } = await session.send('Page.getFrameTree'); const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, grantUniveralAccess: true }); const { exceptionDetails } = await session.send('Runtime.evaluate', { contextId, awaitPromise: true, expression: "fetch('file:///etc/passwd').then((r) => r.text())" }); if (exceptionDetails) throw new Error('refused')`,
  'read a stream that is not its own': `await session.send('IO.read', { handle: '1' })`,
  'reach another host': `await page.goto('http://169.254.169.254/')`,
  'reach another port of this machine': `await page.goto(other)`,
  'reach another port from a page': `await page.goto(url); await page.evaluate((to) => fetch(to, { mode: 'no-cors' }), other)`,
  'reach another port by a web socket': `await page.goto(url); await page.evaluate((to) => new Promise((ok, no) => { const w = new WebSocket(to); w.onopen = ok; w.onerror = no; }), other.replace('http', 'ws'))`,
  'reach this machine under another name': `await page.goto('http://localtest.me:' + new URL(url).port + '/')`,
  'reach another host by a request': `await page.request.get(other)`,
};

test('at level 3 the walls alone deny every attempt of a hostile script', async () => {
  await triedInVain(walls, 3);
});

test('without the outer wall every attempt is still denied, and a run is told to have had level 1', async () => {
  await using runner = await buildRunner({ sandboxLevel: 1 });
  await triedInVain(runner, 1);
  await nextRunWorks(runner);
});

test('what no wall has to stop a script does not even find', async () => {
  await using runner = await buildRunner();
  const code = withoutPage(`process.getBuiltinModule('fs')`);
  const { run } = await runBundle(runner, code, { url: shop.url });
  assert.equal(run.error?.message, 'getBuiltinModule is not for scripts');
});

test('a script that forges messages to the sentinel ends as SCRIPT_ERROR, and the next run works', async () => {
  for (const forged of [
    `{"kind":"verdict","outcome":"passed"}`,
    `{"kind":"test-end","test":{"title":7}}`,
    `{"kind":"cdp","message":{"id":1,"method":"__proto__","params":null}}`,
    `{"kind":"cdp","message":{"id":1,"method":7}}`,
    `"text"`,
    `null`,
    `{`,
    ``,
  ]) {
    const { run } = await runBundle(thrifty, withoutPage(`say(${JSON.stringify(forged)}); await forever;`), {
      url: shop.url,
    });
    assert.equal(run.error?.code, 'SCRIPT_ERROR', `${forged}: ${run.error?.message}`);
  }
  await nextRunWorks(thrifty);
});

test('a script that says more than a sentinel can hold ends as SCRIPT_LIMIT, and the next run works', async () => {
  const floods = {
    'one long message': `await page.setContent('x'.repeat(70e6));`,
    'many steps': `for (let i = 0; ; i++) { say('{"kind":"step-begin","step":' + i + ',"name":"x","atUs":1}'); await 0; }`,
    'many calls': `await page.goto('/'); for (;;) { void page.evaluate(() => (window.never ??= new Promise(() => {}))).catch(() => {}); await new Promise(setImmediate); }`,
    'a page it does not listen to': `await page.goto('/'); await page.evaluate(() => { const long = 'x'.repeat(1e6); setInterval(() => console.log(long), 1); }); for (;;);`,
  };
  for (const [name, code] of Object.entries(floods)) {
    const { run } = await runBundle(thrifty, script(code), { url: shop.url, timeoutMs: 60_000 });
    assert.equal(run.error?.code, 'SCRIPT_LIMIT', `${name}: ${run.error?.message}`);
    assert.doesNotMatch(String(run.error?.message), /took longer/, name);
  }
  await nextRunWorks(thrifty);
});

test('a script that ends its process is told as its own error, and the next run works', async () => {
  const { run } = await runBundle(thrifty, withoutPage('process.exit(0);'), { url: shop.url });
  assert.equal(run.error?.code, 'SCRIPT_ERROR', String(run.error?.message));
  await nextRunWorks(thrifty);
});

async function triedInVain(runner: DetailedRunner, level: number): Promise<void> {
  reached = 0;
  const { run } = await attempt(runner, attempts);
  assert.equal(run.error?.code, 'SCRIPT_ERROR', String(run.error?.message));
  const told = JSON.parse(run.error?.message ?? '{}') as { tried: number; open: string[] };
  assert.equal(told.tried, Object.keys(attempts).length);
  assert.deepEqual(told.open, [], `these attempts succeeded at sandbox level ${run.sandboxLevel}`);
  assert.equal(run.sandboxLevel, level);
  assert.deepEqual(readdirSync(folder).sort(), ['canary.db', 'canary.txt']);
  assert.equal(reached, 0);
}

function attempt(runner: DetailedRunner, all: Record<string, string>): Promise<{ run: Run }> {
  const tries = Object.entries(all).map(
    ([name, code]) => `await attempt(${JSON.stringify(name)}, async () => { ${code}; });`,
  );
  const { port } = neighbour.address() as AddressInfo;
  return runBundle(
    runner,
    script(`
      const url = ${JSON.stringify(shop.url)}, other = 'http://127.0.0.1:${port}';
      const folder = ${JSON.stringify(folder)}, canary = ${JSON.stringify(canary)}, database = ${JSON.stringify(database)};
      // Inside the outer wall such a folder may be made, and goes with the child: only outside it would count.
      const outside = () => builtin('fs').readdirSync('/').includes('etc');
      const scratch = test.info().outputDir;
      // What Playwright speaks through: its own sessions with the page and with the browser, and one with a page that is not its own.
      const { delegate } = page._connection.toImpl(page);
      const session = delegate._mainFrameSession._client, { _session: ofBrowser } = delegate._browserContext._browser;
      const browserContextId = delegate._browserContext._browserContextId, connection = session._connection;
      const stranger = new session.constructor(connection, undefined, 'A'.repeat(32));
      connection._sessions.set('A'.repeat(32), stranger);
      const denied = (to) => (method, params) => to.send(method, params).catch((error) => {
        if (/denied by the sentinel/.test(error.message)) throw error; // what the browser itself refuses had reached it
      });
      const command = denied(session), whole = denied(ofBrowser), elsewhere = denied(stranger);
      const open = [];
      let tried = 0;
      process.removeAllListeners('uncaughtException').on('uncaughtException', () => {}); // errors that come as events
      page.setDefaultTimeout(3000);
      const within = (work) => Promise.race([work, new Promise((_, no) => setTimeout(() => no(new Error('no answer')), 4000))]);
      const attempt = async (name, code) => {
        tried++;
        try { await within(code()); open.push(name); } catch {}
      };
      ${tries.join('\n')}
      throw new Error(JSON.stringify({ tried, open }));`),
    { url: shop.url, timeoutMs: 120_000 },
  );
}

/** A bundle as esbuild would write it, around the body of a test; `say` writes a line to the sentinel. */
function script(body: string, fixtures = '{ page, context }'): string {
  return `const { test, expect } = require('@playwright/test');
test.setTimeout(110_000);
test('hostile', async (${fixtures}) => {
const builtin = (name) => process.getBuiltinModule(name), forever = new Promise(() => {});
const say = (text) => { try { builtin('fs').writeSync(3, text + '\\n'); } catch {} }; // it may be full
${body}
});
`;
}

/** The same where no browser is needed. */
function withoutPage(body: string): string {
  return script(body, '');
}

async function nextRunWorks(runner: DetailedRunner): Promise<void> {
  const source = `import { test } from '@playwright/test';\ntest('next', async ({ page }) => { await page.goto('/'); });\n`;
  const { run } = await runScript(runner, { source }, { url: shop.url });
  assert.equal(run.outcome, 'passed', String(run.error?.message));
}
