import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { buildCa, buildCertificate } from '../certs/build-certificates.ts';
import { buildAssignment, bundle } from '../sentinel/build-assignment.ts';
import { type ErrorCode, errorCodes, outcomeOf } from '../sentinel/protocol/error-codes.ts';
import { type Assignment, Run, type RunError } from '../sentinel/protocol/messages.ts';
import { sha256Hex } from '../sentinel/protocol/statement.ts';
import type { DetailedRunner } from '../sentinel/runner/runner.ts';
import { until } from './faults/until.ts';
import type { Apart } from './run-apart.ts';
import { runSchedule } from './run-schedule.ts';
import { buildRunner, runScript, type ScriptRun, undisturbed } from './run-script.ts';
import { usersBrowser } from './thrifty-browser.ts';

/*
 * Every error code of the list, made to happen by what would make it happen at a customer: docs/error-codes.md is for who
 * reads it on a screen, this is where it is true. What the message must say is what a service desk needs to act.
 */

let site: Server;
let tls: Server;
/** Nothing listens there. */
let closedPort: number;
let runner: DetailedRunner;

before(async () => {
  site = createServer(({ url = '' }, answer) => {
    waiting.get(url)?.(undefined);
    (pages[url] ?? notFound)(answer);
  });
  const { certPem: cert, keyPem: key } = await buildCertificate({ issuer: await buildCa() });
  tls = https.createServer({ cert, key }, (_, answer) => answer.end('private'));
  const closed = createServer();
  for (const server of [site, tls, closed]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closedPort = (closed.address() as AddressInfo).port;
  closed.close();
  // A name that does not exist is no fault of a device without a network, and the machine of a test may have none.
  runner = await buildRunner({ lookAtNetwork: async () => ({ interface: true, resolver: true }) });
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  for (const server of [site, tls]) {
    if ('closeAllConnections' in server) (server as https.Server).closeAllConnections();
    server.close();
  }
});

/** Answers who asked for a pause. */
let resume = () => {};
/** Who waits for a request. */
const waiting = new Map<string, (value: unknown) => void>();
const html = (answer: ServerResponse, status: number, body: string) =>
  answer.writeHead(status, { 'content-type': 'text/html' }).end(body);
const notFound = (answer: ServerResponse) => html(answer, 404, '<p>gone</p>');
const pages: Record<string, (answer: ServerResponse) => unknown> = {
  '/': (answer) =>
    html(answer, 200, '<h1>Orders</h1><button>Pay</button><button style="visibility: hidden">Refund</button>'),
  '/broken': (answer) => html(answer, 500, '<h1>Sorry</h1>'),
  '/speechless': (answer) => answer.writeHead(503).end(),
  '/hang': () => {},
  '/pause': (answer) => {
    resume = () => answer.end();
  },
  '/part': (answer) => answer.writeHead(200, { 'content-length': 10 }).write('part', () => answer.destroy()),
  '/noise': (answer) => answer.socket?.end('no HTTP\r\n\r\n'),
  '/packed': (answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end('not packed'),
  '/hang-up': (answer) => answer.destroy(),
  '/astray': (answer) => answer.writeHead(302, { location: 'http://' }).end(),
  '/elsewhere': (answer) => answer.writeHead(302, { location: 'http://no-such-shop.invalid/login?from=shop' }).end(),
  '/loop': (answer) => answer.writeHead(302, { location: '/loop' }).end(),
};

const address = (server: Server, scheme = 'http') => `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
const script = (body: string) =>
  `import { test, expect } from '@playwright/test';\ntest('T', async ({ page }) => {\n${body}\n});\n`;
const opened = (body: string) => script(`await page.goto('/');\n${body}`);

const asking = (url: string) =>
  `import { test } from '@playwright/test';\ntest('T', async ({ request }) => void (await request.get('${url}')));`;

/** A click on what is not there, in a step with a time of its own. */
const buying = (timeoutMs: number) =>
  opened(`await test.step('Buy', () => page.getByRole('button', { name: 'Buy' }).click(), { timeout: ${timeoutMs} });`);

/** What the script does to the page after an error and before its end. */
const cleaningUp = (body: string) => script(`try {\n${body}\n} finally { await page.goto('/'); }`);

/** As busy as a loop without end, and takes nobody's processor. */
const standstill = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';

/** A page that says when it is there, and stays. */
const waits = opened(`await page.evaluate(() => void fetch('/ready'));\nawait page.waitForTimeout(20_000);`);

/** A page whose process dies while the script waits, when something was asked for. */
async function crashing(wait: string, when = '/ready'): Promise<Run> {
  const run = ends(opened(`await page.evaluate(() => void fetch('/ready'));\n${wait}`));
  await asked(when);
  kill('renderer');
  const ended = await run;
  assert.equal(ended.evidenceMissing, 'the page had crashed', 'nobody waits for what it would have shown');
  return ended;
}

async function ends(source: string, run: Partial<ScriptRun> = {}): Promise<Run> {
  return (await runScript(runner, { source }, { url: address(site), ...run })).run;
}

interface Case {
  code: ErrorCode;
  when: string;
  run(): Promise<Run>;
  /** What the message says, for somebody who has never seen the script. */
  says: RegExp;
  /** Line of the author's file; left out where no line is to blame. */
  line?: number;
}

const cases: Case[] = [
  {
    code: 'ASSERTION',
    when: 'a heading has another text',
    run: () => ends(opened(`await expect(page.getByRole('heading')).toHaveText('Invoices', { timeout: 300 });`)),
    says: /getByRole\('heading'\)[\s\S]*Expected[^\n]*"Invoices"[\s\S]*Received[^\n]*"Orders"/,
    line: 4,
  },
  {
    code: 'ASSERTION',
    when: 'a button is there and never becomes visible',
    run: () => ends(opened(`await expect(page.getByText('Refund')).toBeVisible({ timeout: 300 });`)),
    says: /getByText\('Refund'\)[\s\S]*Expected: visible[\s\S]*Received: hidden/,
    line: 4,
  },
  {
    code: 'ELEMENT_NOT_FOUND',
    when: 'a button has another name',
    run: () => ends(opened(`await page.getByRole('button', { name: 'Buy' }).click({ timeout: 300 });`)),
    says: /Timeout 300ms exceeded[\s\S]*getByRole\('button', \{ name: 'Buy' \}\)/,
    line: 4,
  },
  {
    code: 'TIMEOUT',
    when: 'a button is there and can not be clicked in time',
    run: () => ends(opened(`await page.getByText('Refund').click({ timeout: 2000 });`)),
    says: /Timeout 2000ms exceeded[\s\S]*getByText\('Refund'\)[\s\S]*was there, but not visible/,
    line: 4,
  },
  {
    code: 'TIMEOUT',
    when: 'a step takes longer than it may',
    run: () => ends(script(`await test.step('Open', () => page.goto('/hang'), { timeout: 500 });`)),
    says: /\/hang had not answered[\s\S]*"Open" took longer than its 500 ms/,
    line: 3,
  },
  {
    code: 'TIMEOUT',
    when: 'a step is over before an action that has no time of its own has looked long for its element',
    run: () => ends(buying(500)),
    says: /took longer than its 500 ms\nlocator\.click had not ended\.\nLocator: getByRole\('button', \{ name: 'Buy' \}\)/,
    line: 4,
  },
  {
    code: 'ELEMENT_NOT_FOUND',
    when: 'a step is over when an action that has no time of its own has looked long for its element',
    run: () => ends(buying(6000)),
    says: /took longer than its 6000 ms\nlocator\.click had not ended\.\nLocator: getByRole\('button', \{ name: 'Buy' \}\)/,
    line: 4,
  },
  {
    code: 'TIMEOUT',
    when: 'a step takes longer than it may, and the script cleans up behind it',
    run: () => ends(cleaningUp(`await test.step('Open', () => page.goto('/hang'), { timeout: 500 });`)),
    says: /\/hang had not answered[\s\S]*"Open" took longer than its 500 ms\npage\.goto had not ended/,
    line: 4,
  },
  {
    code: 'TIMEOUT',
    when: 'a request without a page has no answer, in a step that takes longer than it may',
    run: () =>
      ends(
        script(`await page.goto('/moved');
        await test.step('Ask', () => page.request.get('/hang'), { timeout: 500 });`),
      ),
    says: /^The step "Ask" took longer than its 500 ms\napiRequestContext\.get had not ended\.$/,
    line: 4,
  },
  {
    code: 'TIMEOUT',
    when: 'the run takes longer than it may while a page does not answer',
    run: () => ends(script(`await page.goto('/hang', { timeout: 0 });`), { timeoutMs: 8000 }),
    says: /longer than its 8 seconds[^\n]*"T" was waiting for the page/,
  },
  {
    code: 'NAVIGATION',
    when: 'a page redirects without end',
    run: () => ends(script(`await page.goto('/loop');`)),
    says: /ERR_TOO_MANY_REDIRECTS at http:\/\/127\.0\.0\.1:\d+\/loop/,
    line: 3,
  },
  {
    code: 'HTTP_4XX',
    when: 'the page has moved',
    run: () => ends(script(`await page.goto('/moved');\nawait page.getByText('Pay').click({ timeout: 300 });`)),
    says: /\/moved answered with HTTP 404[\s\S]*getByText\('Pay'\)/,
    line: 4,
  },
  {
    code: 'HTTP_5XX',
    when: 'the application breaks',
    run: () => ends(script(`await page.goto('/broken');\nawait page.getByText('Pay').click({ timeout: 300 });`)),
    says: /\/broken answered with HTTP 500[\s\S]*getByText\('Pay'\)/,
    line: 4,
  },
  {
    code: 'HTTP_5XX',
    when: 'the application breaks, and the script cleans up behind it',
    run: () =>
      ends(
        cleaningUp(`await test.step('Pay', async () => {
        await page.goto('/broken');
        await page.getByText('Pay').click({ timeout: 300 });
      });`),
      ),
    says: /\/broken answered with HTTP 500[\s\S]*getByText\('Pay'\)/,
    line: 6,
  },
  {
    code: 'HTTP_5XX',
    when: 'the application breaks without a word, for which the browser of users shows a page of its own',
    run: async () => {
      await using ofUsers = await buildRunner({}, { browser: usersBrowser });
      const source = script(`await page.goto('/speechless');`);
      return (await runScript(ofUsers, { source }, { url: address(site) })).run;
    },
    says: /^http\S+\/speechless answered with HTTP 503\.\npage\.goto: net::ERR_HTTP_RESPONSE_CODE_FAILURE/,
    line: 3,
  },
  {
    code: 'DNS',
    when: 'the name of the application does not exist',
    run: () =>
      ends(script(`await page.goto('http://no-such-shop.invalid/');`), {
        hosts: ['no-such-shop.invalid'],
      }),
    says: /^no-such-shop\.invalid:80 could not be resolved/,
    line: 3,
  },
  {
    code: 'DNS',
    when: 'the application redirects to a name that does not exist',
    run: () => ends(script(`await page.goto('/elsewhere');`), { hosts: ['127.0.0.1', 'no-such-shop.invalid'] }),
    says: /^no-such-shop\.invalid:80 could not be resolved/,
    line: 3,
  },
  {
    code: 'CONNECT',
    when: 'nothing listens at the port',
    run: () => ends(script(`await page.goto('http://127.0.0.1:${closedPort}/');`), { hosts: ['127.0.0.1'] }),
    says: /^127\.0\.0\.1:\d+ could not be reached/,
    line: 3,
  },
  {
    code: 'TLS',
    when: 'the certificate is from an authority that the browser does not know',
    run: () => ends(script(`await page.goto('/');`), { url: address(tls, 'https') }),
    says: /ERR_CERT_AUTHORITY_INVALID at https:/,
    line: 3,
  },
  {
    code: 'DNS',
    when: 'the name that a script asks without a page does not exist',
    run: () => ends(asking('http://no-such-shop.invalid/'), { hosts: ['no-such-shop.invalid'] }),
    says: /no-such-shop\.invalid/,
    line: 2,
  },
  {
    code: 'CONNECT',
    when: 'nothing listens where a script asks without a page',
    run: () => ends(asking(`http://127.0.0.1:${closedPort}/`), { hosts: ['127.0.0.1'] }),
    says: /127\.0\.0\.1:\d+/,
    line: 2,
  },
  {
    code: 'TLS',
    when: 'a script without a page does not know the authority of the certificate',
    run: () => ends(asking('/'), { url: address(tls, 'https') }),
    says: /certificate/,
    line: 2,
  },
  {
    code: 'PAGE_CRASH',
    when: 'the process of the page dies',
    run: () => crashing('await page.waitForTimeout(20_000);'),
    says: /crashed/,
    line: 5,
  },
  {
    code: 'PAGE_CRASH',
    when: 'the process of the page dies while an address is waited for',
    run: () => crashing(`await page.waitForURL('**/paid');`),
    says: /page crashed/,
    line: 5,
  },
  {
    code: 'PAGE_CRASH',
    when: 'the process of the page dies, and an assertion asks again until its time is over',
    run: () => crashing(`await expect.poll(() => page.title(), { timeout: 1500 }).toBe('Paid');`),
    says: /^The page http\S+ crashed\.\n/,
    line: 5,
  },
  {
    code: 'PAGE_CRASH',
    when: 'the process of the page dies while it opens another address',
    run: () => crashing(`await page.goto('/hang');`, '/hang'),
    says: /^The page crashed while it was being opened\.\npage\.goto/,
    line: 5,
  },
  {
    code: 'PAGE_CRASH',
    when: 'the page is given no more memory',
    run: () => ends(opened(`await page.evaluate(() => { const a = []; for (;;) a.push(new ArrayBuffer(2e9)); });`)),
    says: /^The page http\S+ used all memory that it may\.\n[^\n]*allocation failed/,
    line: 4,
  },
  {
    code: 'SCRIPT_ERROR',
    when: 'the script throws',
    run: () => ends(opened(`const order: { id?: { n: number } } = {};\nconsole.log(order.id!.n);`)),
    says: /Cannot read properties of undefined \(reading 'n'\)/,
    line: 5,
  },
  {
    code: 'SCRIPT_LIMIT',
    when: 'the script turns in a circle',
    run: () => ends(script('for (;;);'), { timeoutMs: 8000 }),
    says: /longer than its 8 seconds[^\n]*In "T" the script was busy with itself/,
  },
  {
    code: 'SCRIPT_LIMIT',
    when: 'the script never comes to its tests',
    run: () => ends(`${script('')}${standstill}`, { timeoutMs: 8000 }),
    says: /longer than its 8 seconds[^\n]*While it was loaded the script was busy with itself/,
  },
  {
    code: 'SCRIPT_LIMIT',
    when: 'the script eats memory',
    run: () => ends(script('const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()));')),
    says: /more memory than it may/,
  },
  {
    code: 'SCRIPT_UNTRUSTED',
    when: 'the code is not the code that was signed',
    run: () => scheduled([buildAssignment()], `${bundle}// altered`, 'SCRIPT_UNTRUSTED'),
    says: /not the code that was signed/,
  },
  {
    code: 'SECRET_MISSING',
    when: 'a secret was never set on the device',
    run: () => scheduled([buildAssignment({ secrets: ['PIN'] }, { secrets: ['PIN'] })], bundle, 'SECRET_MISSING'),
    says: /PIN[\s\S]*vedette-sentinel secret set PIN/,
  },
  {
    code: 'HOST_DENIED',
    when: 'the script opens a host that it was not signed for',
    run: () => ends(script(`await page.goto('http://127.0.0.1:${closedPort}/');`)),
    says: /^127\.0\.0\.1:\d+ is not among the hosts this script may reach/,
    line: 3,
  },
  {
    code: 'HOST_DENIED',
    when: 'the application redirects to a host that the script was not signed for',
    run: () => ends(script(`await page.goto('/elsewhere');`)),
    says: /^no-such-shop\.invalid:80 is not among the hosts[^\n]*\nThe page was redirected to http:\/\/no-such-shop\.invalid\/login\.\npage\.goto/,
    line: 3,
  },
  {
    code: 'SENTINEL_BROWSER',
    when: 'the browser dies',
    run: async () => {
      const run = ends(waits);
      await asked('/ready');
      kill('browser');
      return run;
    },
    says: /browser ended during the run/,
  },
  {
    code: 'SENTINEL_BROWSER',
    when: 'the part of the browser that connects dies',
    run: async () => {
      const run = ends(script(`await page.goto('/');\nawait page.request.get('/pause');\nawait page.goto('/');`));
      await asked('/pause');
      const killed = kill('network');
      // A page that is asked for before the browser has noticed ends as one that somebody broke off.
      await until('another one', () => pidsOf('network').some((pid) => !killed.includes(pid)));
      resume();
      return run;
    },
    says: /^The browser could not reach its sentinel[^\n]*\npage\.goto/,
    line: 5,
  },
  {
    code: 'SENTINEL_BROWSER',
    when: 'the browser is still starting when the time is over',
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'vedette-slow-'));
      const browser = join(folder, 'chromium');
      writeFileSync(browser, `#!/bin/sh\nwhile [ -e ${folder} ]; do sleep 0.1; done\n`, { mode: 0o700 });
      await using slow = await buildRunner({}, { browser });
      const { run } = await runScript(slow, { source: waits }, { url: 'http://127.0.0.1:1', timeoutMs: 5000 });
      rmSync(folder, { recursive: true });
      return run;
    },
    says: /browser was not ready within the run's 5 seconds/,
  },
  {
    code: 'SENTINEL_OVERLOAD',
    when: 'a monitor finds no room before its next time',
    run: () => {
      const slow = `require('@playwright/test').test('slow', () => new Promise((done) => setTimeout(done, 2500)));`;
      const busy = () => buildAssignment({ schedule: { everyMs: 1000 } }, { bundleSha256: sha256Hex(slow) });
      return scheduled([busy(), busy()], slow, 'SENTINEL_OVERLOAD');
    },
    says: /not started[\s\S]*fewer monitors or longer intervals/,
  },
  {
    code: 'SENTINEL_OVERLOAD',
    when: 'the sentinel is held up while a page is waited for',
    run: async () => {
      const run = ends(script(`await page.waitForTimeout(1200);\nawait page.goto('/hang', { timeout: 4000 });`));
      await asked('/hang');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
      return run;
    },
    says: /device was overloaded: the sentinel was held up for 2\.\d of the 4\.\d s that were waited\.\n[\s\S]*\/hang had not answered/,
    line: 4,
  },
  {
    code: 'SENTINEL_TIMEOUT',
    when: 'the time is over before the script begins',
    run: () => ends(opened(''), { timeoutMs: 1 }),
    says: /longer than its 0\.001 seconds[^\n]*had not begun/,
  },
  {
    code: 'SENTINEL_NETWORK',
    when: 'the device has no network',
    run: () => apart(['--unshare-net'], script(`await page.goto('http://shop.example/');`)),
    says: /^This device's network was down: no network interface has an address\.\n[\s\S]*shop\.example/,
    line: 3,
  },
  {
    code: 'SENTINEL_SANDBOX',
    when: 'the system allows no further namespaces',
    run: () => apart(['--unshare-user', '--disable-userns'], opened('')),
    says: /sandbox[\s\S]*namespace/,
  },
];

// Its browser is one that a test may kill: they go one after another.
describe('each code happens for real', () => {
  for (const one of cases) {
    const { code, when, says, line } = one;
    test(`${code}: ${when}`, { timeout: 120_000 }, async () => {
      const ended = await endOf(one);
      const error: Partial<RunError> = ended.error ?? {};
      assert.equal(error.code, code, `${error.message} ${JSON.stringify(ended.host)}`);
      assert.equal(ended.outcome, outcomeOf(code));
      assert.match(String(error.message), says);
      assert.equal(error.location?.line, line, JSON.stringify(error.location));
      if (line !== undefined) assert.equal(error.location?.file, 'test.spec.ts');
    });
  }
});

const calls: { code: ErrorCode; when: string; call: string; says: RegExp }[] = [
  {
    code: 'HTTP_5XX',
    when: 'the application breaks',
    call: `request.get('/broken', { failOnStatusCode: true })`,
    says: /^apiRequestContext\.get: 500 Internal Server Error\n/,
  },
  {
    code: 'HTTP_4XX',
    when: 'what was asked for has moved',
    call: `request.get('/moved', { failOnStatusCode: true })`,
    says: /^apiRequestContext\.get: 404 Not Found\n/,
  },
  {
    code: 'TIMEOUT',
    when: 'no answer comes',
    call: `request.get('/hang', { timeout: 300 })`,
    says: /^apiRequestContext\.get: Timeout 300ms exceeded/,
  },
  { code: 'NAVIGATION', when: 'the answer breaks off', call: `request.get('/part')`, says: /: aborted$/ },
  { code: 'NAVIGATION', when: 'the answer is no HTTP', call: `request.get('/noise')`, says: /: Parse Error/ },
  {
    code: 'NAVIGATION',
    when: 'the answer cannot be unpacked',
    call: `request.get('/packed')`,
    says: /failed to decompress/,
  },
  {
    code: 'NAVIGATION',
    when: 'it is redirected without end',
    call: `request.get('/loop')`,
    says: /Max redirect count/,
  },
  {
    code: 'NAVIGATION',
    when: 'it is redirected to no address',
    call: `request.get('/astray')`,
    says: /invalid redirect URL/,
  },
  { code: 'CONNECT', when: 'it is hung up on', call: `request.get('/hang-up')`, says: /socket hang up/ },
  {
    code: 'CONNECT',
    when: 'it is hung up on each time',
    call: `request.get('/hang-up', { maxRetries: 1 })`,
    says: /2 attempt\(s\): Error: socket hang up/,
  },
  {
    code: 'HOST_DENIED',
    when: 'it was not signed for that',
    call: `request.get('http://127.0.0.1:1/')`,
    says: /: HOST_DENIED 127\.0\.0\.1:1 is not among/,
  },
  {
    code: 'HOST_DENIED',
    when: 'nor for that with TLS',
    call: `request.get('https://127.0.0.1:1/')`,
    says: /127\.0\.0\.1:1 is not among/,
  },
  { code: 'SCRIPT_ERROR', when: 'the address is none', call: `request.get('http://')`, says: /Invalid URL/ },
];

test('a call of `request` that fails has the code of what ended it, whatever page is open', async () => {
  const file = (some: typeof calls, fixture: string, before: string) => {
    const tests = some.map(
      ({ when, call }) =>
        `test('${when}', async ({ ${fixture} }) => {\n${before}\nawait ${fixture === 'page' ? 'page.' : ''}${call};\n});\n`,
    );
    return { source: `import { test } from '@playwright/test';\n${tests.join('')}` };
  };
  const ofPages = calls.slice(0, 3); // what a page answers may have the same codes
  const files = [
    { some: calls, source: file(calls, 'request', '') },
    { some: ofPages, source: file(ofPages, 'page', `await page.goto('/broken');`) },
  ];
  for (const { some, source } of files) {
    const { tests } = await runScript(runner, source, { url: address(site) });
    const found = tests.map(({ title, error }) => `${error?.code} when ${title}`);
    const wanted = some.map(({ code, when }) => `${code} when ${when}`);
    assert.deepEqual(found, wanted);
    for (const [i, { says }] of some.entries()) assert.match(String(tests[i]?.error?.message), says);
  }
});

test('a page that was opened ahead, and whose process died while it waited, is no failure of the next run', async () => {
  await using other = await buildRunner();
  const visit = () => runScript(other, { source: opened('') }, { url: address(site) });
  await undisturbed(visit); // has the browser started
  const before = pidsOf('renderer');
  const added = () => pidsOf('renderer').filter((pid) => !before.includes(pid));
  other.prepare();
  await until('a page waits', () => added().length > 0);
  kill('renderer');
  await until('it is dead', () => added().length === 0);
  const { run } = await undisturbed(visit);
  assert.equal(run.outcome, 'passed', String(run.error?.message));
});

/** What a case ends with. */
async function endOf({ code, run }: Case): Promise<Run> {
  const attempt = async () => ({ run: Run.parse(await run()) });
  return (await (code === 'SENTINEL_OVERLOAD' ? attempt() : undisturbed(attempt))).run;
}

test('no code is missing here', () => {
  assert.deepEqual(new Set(cases.map(({ code }) => code)), new Set(Object.keys(errorCodes)));
});

/** Runs monitors through the schedule with one real runner until a run carries `code`. */
async function scheduled(assignments: Assignment[], code: string, wanted: ErrorCode): Promise<Run> {
  const runners = { all: [runner], sandboxLevel: runner.sandboxLevel };
  const processors = { at: () => 0, begun: () => {} };
  for await (const run of runSchedule({ assignments, code, runners, processors }, new AbortController()))
    if (run.error?.code === wanted) return run;
  throw new Error('the schedule ended');
}

/** Runs a script in a process of its own inside surroundings that bubblewrap makes. */
async function apart(surroundings: string[], source: string): Promise<Run> {
  const asked: Apart = { source, run: { url: 'http://shop.example/' } };
  const program = [process.execPath, join(import.meta.dirname, 'run-apart.ts'), JSON.stringify(asked)];
  const { stdout } = await promisify(execFile)('bwrap', [...surroundings, '--dev-bind', '/', '/', ...program]);
  return JSON.parse(stdout);
}

/** A part of a browser that is a process, by what its command says of it. */
const parts = {
  browser: /^(?!.*--type=).*--remote-debugging-pipe/s,
  renderer: /--type=renderer/,
  network: /=network\.mojom\.NetworkService/,
};

/** Kills it, in this one's browser; says which processes that were. */
function kill(which: keyof typeof parts): number[] {
  const found = pidsOf(which);
  assert.ok(found.length > 0, `no ${which} was found`);
  for (const pid of found) process.kill(pid, 'SIGKILL');
  return found;
}

function pidsOf(which: keyof typeof parts): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => describeProcess(Number(name)));
  const below = (parent: number): typeof all =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(process.pid)
    .filter(({ command }) => parts[which].test(command))
    .map(({ pid }) => pid);
}

/** Resolves with the next request for a page. */
function asked(path: string): Promise<unknown> {
  return new Promise((resolve) => waiting.set(path, resolve));
}

function describeProcess(pid: number): { pid: number; parent: number; command: string }[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return [{ pid, parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
  } catch {
    return []; // it has just ended
  }
}
