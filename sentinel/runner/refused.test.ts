import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { buildRunner, runBundle, runScript, type ScriptRun } from '../../test/run-script.ts';
import type { DetailedRunner } from './runner.ts';

/* What no check saw before the run is refused when it runs, with the reason; and what a monitor sets holds. */

const { version: playwrightVersion } = createRequire(import.meta.url)('playwright/package.json') as { version: string };
let runner: DetailedRunner;
before(async () => {
  runner = await buildRunner();
});
after(() => runner[Symbol.asyncDispose]());

const run = (code: string, more: Partial<ScriptRun> = {}) =>
  runBundle(runner, `const { test, expect } = require('@playwright/test');\n${code}`, {
    url: 'http://127.0.0.1:9999',
    ...more,
  });

const certificate = `{ origin: 'https://shop.example', cert: Buffer.from('c'), key: Buffer.from('k') }`;
const refused: [string, string, RegExp][] = [
  ['an option nobody knows', `test.use({ locle: 'nl' }); test('T', () => {});`, /Did you mean locale\?$/],
  ['a video', `test.use({ video: 'on' }); test('T', () => {});`, /^video is refused: a sentinel records no video/],
  ['a proxy', `test.use({ proxy: { server: 'x' } }); test('T', () => {});`, /^proxy is refused/],
  ['another browser', `test.use({ browserName: 'firefox' }); test('T', () => {});`, /Chromium alone/],
  [
    'a fixture of worker scope',
    `const it = test.extend({ a: [async ({}, use) => use(1), { scope: 'worker' }] }); it('T', ({ a }) => {});`,
    /worker scope, which a sentinel does not have/,
  ],
  [
    'a client certificate of a page',
    `test.use({ clientCertificates: [${certificate}] }); test('T', async ({ page }) => {});`,
    /Client certificates are for the fixture "request" alone/,
  ],
  [
    'a video of a context',
    `test('T', async ({ browser }) => { await browser.newContext({ recordVideo: { dir: 'x' } }); });`,
    /A sentinel records no video/,
  ],
  [
    'a browser of its own',
    `test('T', async ({ playwright }) => { await playwright.chromium.launch(); });`,
    /starts no browser of its own/,
  ],
  [
    'a stored picture',
    `test('T', async ({ page }) => { await expect(page).toHaveScreenshot(); });`,
    /compares with a stored file/,
  ],
];
for (const [what, code, reason] of refused) {
  test(`${what} is refused at the run`, async () => {
    const { run: told } = await run(code);
    assert.equal(told.error?.code, 'SCRIPT_ERROR', String(told.error?.message));
    assert.match(told.error?.message ?? '', reason);
  });
}

test('no video is what a script may ask for, as it may under Playwright Test', async () => {
  const codes = ['undefined', "'off'", "{ mode: 'off' }"].map((video) => `test.use({ video: ${video} });`);
  const { run: told } = await run(
    codes.map((use) => `test.describe(() => { ${use} test(${JSON.stringify(use)}, () => {}); });`).join('\n'),
  );
  assert.equal(told.outcome, 'passed', String(told.error?.message));
});

test('test.info() tells where a test stands, and what holds for it', async () => {
  const source = `import { test, expect } from '@playwright/test';

  const declare = (title: string) => test(title, async () => {
    const { line, column, file, fn, testId, project, config } = test.info();
    expect([line, column, file, typeof fn, testId]).toEqual([3, 38, 'test.spec.ts', 'function', 'test.spec.ts › T']);
    expect([project.timeout, project.retries, project.use.locale]).toEqual([30_000, 0, 'nl-NL']);
    expect([config.workers, config.projects[0], config.version]).toEqual([1, project, '${playwrightVersion}']);
  });
  declare('T');`;
  const { run: told } = await runScript(runner, { source }, { url: 'http://127.0.0.1:9999', use: { locale: 'nl-NL' } });
  assert.equal(told.outcome, 'passed', String(told.error?.message));
});

test('an option of the monitor that nobody knows is refused, one that the script declares is not', async () => {
  const code = `const it = test.extend({ size: [1, { option: true }] }); it('T', ({ size }) => { expect(size).toBe(7); });`;
  assert.equal((await run(code, { use: { size: 7 } })).run.outcome, 'passed');
  assert.match((await run(code, { use: { syze: 7 } })).run.error?.message ?? '', /Did you mean size\?$/);
});

test("a monitor's time-outs hold for tests and assertions, and the script's own win", async () => {
  const slow = `await new Promise((done) => setTimeout(done, 1500));`;
  const test1 = await run(`test('T', async () => { ${slow} });`, { testTimeoutMs: 500 });
  assert.match(test1.run.error?.message ?? '', /took longer than its 500 ms/);
  const own = await run(`test('T', async () => { test.setTimeout(20_000); ${slow} });`, { testTimeoutMs: 500 });
  assert.equal(own.run.outcome, 'passed', String(own.run.error?.message));
  const poll = await run(`test('T', async () => { await expect.poll(() => 1).toBe(2); });`, { expectTimeoutMs: 321 });
  assert.match(poll.run.error?.message ?? '', /Timeout 321ms exceeded/);
});
