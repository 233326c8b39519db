import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startSite } from '../../test/apps/site.ts';
import { runScript } from '../../test/run-script.ts';
import { type DetailedRunner, openRunner } from './runner.ts';
import { sandboxLevel } from './sandbox/sandbox.ts';

/* Scripts on a machine that has no browser. */

const site = await startSite((_, answer) => answer.end('"hello"'));
const empty = mkdtempSync(join(tmpdir(), 'vedette-no-browser-'));
const machine = { PATH: process.env.PATH, HOME: process.env.HOME };
let runner: DetailedRunner;

before(async () => {
  const level = await sandboxLevel();
  Object.assign(process.env, { PATH: empty, HOME: empty });
  runner = await openRunner({ folder: empty, allowRoot: true, log: () => {} }, { sandboxLevel: level });
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  Object.assign(process.env, machine);
  rmSync(empty, { recursive: true });
  await site[Symbol.asyncDispose]();
});

const run = async (body: string) => {
  const source = `import { test, expect } from '@playwright/test';\n${body}`;
  return runScript(runner, { source }, { url: site.url });
};

test('a script that only makes requests passes without a browser, with response times', async () => {
  const { run: told } = await run(`
    test.beforeEach(async ({ request }) => { await request.post('/', { data: 'x' }); });
    test('API', async ({ request }) => {
      await test.step('Ask', async () => { expect(await (await request.get('/')).json()).toBe('hello'); });
      await expect.poll(() => 1).toBe(1);
    });
    test.skip('a page, never opened', async ({ page }) => { await page.goto('/'); });`);
  assert.equal(told.outcome, 'passed', String(told.error?.message));
  assert.equal(told.browser, undefined);
  assert.ok((told.transactions[0]?.responseUs ?? 0) > 0);
});

test('one that fails has no picture, and says why', async () => {
  const { run: told } = await run(`
    test('API', async ({ request }) => { expect((await request.get('/')).status()).toBe(201); });`);
  assert.equal(told.error?.code, 'ASSERTION');
  assert.equal(told.evidenceMissing, 'no page was open');
});

const needs: Record<string, string> = {
  'a test that asks for a page': `test('T', async ({ page }) => { await page.goto('/'); });`,
  'a hook that asks for a browser': `test.beforeAll(async ({ browser }) => {}); test('T', async () => {});`,
  'a fixture that opens a page': `
    const it = test.extend<{ shop: string }>({ shop: [async ({ context }, use) => use('shop'), { auto: true }] });
    it('T', async () => {});`,
};
for (const [what, body] of Object.entries(needs)) {
  test(`${what} is told before any test begins that there is none`, async () => {
    const { run: told, tests } = await run(body);
    assert.equal(told.error?.code, 'SENTINEL_BROWSER');
    assert.match(told.error?.message ?? '', /No browser was found\. Install/);
    assert.deepEqual(tests, []);
  });
}
