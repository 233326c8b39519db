import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './check.ts';

const head = "import { expect, test } from '@playwright/test';\n";
const inTest = (line: string, fixture = 'page') => `${head}test('Shop', async ({ ${fixture} }) => {\n  ${line}\n});`;
const above = (line: string) => `${head}${line}\ntest('Shop', () => {});`;

/** What people write, where it is found, and a piece of the advice that they are given. */
const mistakes: [source: string, place: string, advice: RegExp][] = [
  [inTest("await page.goto('/';"), '3:22 SYNTAX', /Expected "\)" but found ";"/],
  [head, '1:1 NO_TEST', /add test\('Name', async/],
  [`import fs from 'node:fs';\n${above('')}`, '1:16 IMPORT', /put what you need into a file beside the script/],
  [`import axios from 'axios';\n${above('')}`, '1:19 IMPORT', /may import @playwright\/test and relative files only/],
  [`import { tst } from '@playwright/test';`, '1:10 IMPORT', /Did you mean test\?/],
  [`import { chromium } from '@playwright/test';\n${above('')}`, '1:10 IMPORT', /only test, expect, devices/],
  [inTest("const fs = require('fs');"), '3:14 IMPORT_DYNAMIC', /write an import statement at the top/],
  [inTest("await import('./other.ts');"), '3:9 IMPORT_DYNAMIC', /write an import statement at the top/],
  [above("test.stpe('x', async () => {});"), '2:6 TEST_MEMBER', /Did you mean test\.step\?/],
  [above("test.describe.paralel('x', () => {});"), '2:15 TEST_MEMBER', /Did you mean test\.describe\.parallel\?/],
  [above("test.snapshotPath('x');"), '2:6 TEST_MEMBER', /remove it, or use one of/],
  [`${head}test('Shop', async ({ pag }) => {});`, '2:23 FIXTURE', /Did you mean page\?/],
  [`${head}test('Shop', async (all) => { await all.page.goto('/'); });`, '2:21 FIXTURE', /as in async \(\{ page \}\)/],
  [`${head}test('Shop', async ({ ...all }) => {});`, '2:23 FIXTURE', /one by one/],
  [above('test.beforeAll(async ({ page }) => {});'), '2:25 FIXTURE', /use test\.beforeEach/],
  [above('test.afterAll(async ({ context }) => {});'), '2:24 FIXTURE', /use test\.afterEach/],
  [
    above("const own = test.extend<{}, { db: string }>({ db: [async ({}, use) => use(''), { scope: 'worker' }] });"),
    '2:82 FIXTURE',
    /leave the scope out/,
  ],
  [above('test.use({ viewPort: null });'), '2:12 OPTION', /Did you mean viewport\?/],
  [above("test.use({ browserName: 'firefox' });"), '2:12 OPTION', /has Chromium alone/],
  [above("test.use({ proxy: { server: 'http://p:3128' } });"), '2:12 OPTION', /through the gate of the sentinel/],
  [above("test.use({ video: 'on' });"), '2:12 OPTION', /a monitor can ask for a trace/],
  [above("test.use({ connectOptions: { wsEndpoint: 'ws://x' } });"), '2:12 OPTION', /has its own browser/],
  [inTest("await browser.newContext({ recordVideo: { dir: 'v' } });", 'browser'), '3:30 OPTION', /records no video/],
  [
    inTest("await browser.newContext({ proxy: { server: 'http://p' } });", 'browser'),
    '3:30 OPTION',
    /through the gate/,
  ],
  [inTest('await expect(page).toHaveScreenshot();'), '3:22 SNAPSHOT', /expect an element, a text or a value/],
  [inTest("expect('x').toMatchSnapshot('x.txt');"), '3:15 SNAPSHOT', /expect an element, a text or a value/],
  [
    inTest("await expect(page.locator('body')).toMatchAriaSnapshot({ name: 'a.yml' });"),
    '3:38 SNAPSHOT',
    /give the snapshot as a text/,
  ],
  [inTest("const name = 'PIN'; await page.fill('#x', process.env[name] ?? '');"), '3:45 ENVIRONMENT', /Write the name/],
  [inTest('console.log(process.env);'), '3:15 ENVIRONMENT', /as in process\.env\.SHOP_PASSWORD/],
  [inTest('const { PIN, ...others } = process.env;'), '3:30 ENVIRONMENT', /Write the name of each secret out/],
  [inTest('const { env } = process;'), '3:19 ENVIRONMENT', /Write the name of each secret out/],
  [above("const answer = await fetch('https://a.example/');"), '2:16 TOP_LEVEL_AWAIT', /into a test, a step or a hook/],
  [above('for await (const x of []) {}'), '2:1 TOP_LEVEL_AWAIT', /into a test, a step or a hook/],
];

test('more than thirty kinds of mistakes are found where they are, with the way to mend them', () => {
  assert.ok(mistakes.length > 30);
  for (const [source, place, advice] of mistakes) {
    const found = check('flow.spec.ts', source).map(({ line, column, code, message }) => {
      return { place: `${line}:${column} ${code}`, message };
    });
    const one = found.find((fault) => fault.place === place);
    assert.ok(one, `${source}\nis to have ${place}, and has ${JSON.stringify(found)}`);
    assert.match(one.message, advice, source);
  }
});
