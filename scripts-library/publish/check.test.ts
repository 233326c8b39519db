import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { check } from './check.ts';

const head = "import { test, expect } from '@playwright/test';\n";
const whole = `${head}test('Shop', async ({ page }) => { await page.goto('/'); });\n`;

/** Faults in the lines after an import of test and expect and a good test, as line:column code. */
const faultsOf = (lines: string) => check('a.spec.ts', whole + lines).map((f) => `${f.line - 2}:${f.column} ${f.code}`);

test('the script of the shop has no faults', () => {
  const file = new URL('../shop/shop.spec.ts', import.meta.url);
  assert.deepEqual(check('shop.spec.ts', fs.readFileSync(file, 'utf8')), []);
});

test('everything that sentinels understand is let through', () => {
  const source = `${head}import type { Page } from '@playwright/test';
import { type Basket, prices } from './prices';
const shop = test.extend<{ basket: Basket; visitor: Page; size: number }>({
  size: [3, { option: true }],
  basket: async ({ page, size }, use) => { await use(prices(page, size)); },
  visitor: [async ({ basket, browser }, use, testInfo) => { await use(basket.of(browser)); }, { auto: true }],
});
test.use({ baseURL: 'https://shop.example', viewport: { width: 800, height: 600 } });
test.describe.configure({ mode: 'serial' });
test.describe('Group', () => {
  test.describe.only('a', () => {}); test.describe.skip('b', () => {}); test.describe.fixme('c', () => {}); test.describe.serial('d', () => {});
  test.beforeAll(async ({ browser }) => {}); test.afterAll('late', async ({ request, baseURL }) => {});
  test.beforeEach(async ({ page, context }) => {}); test.afterEach(async ({ browserName }, testInfo) => {});
  test.skip(({ browserName }) => browserName !== 'chromium', 'only there');
  for (const name of ['x', 'y']) test(name, { tag: '@a' }, async ({ page: tab = null }) => { test.setTimeout(1000); test.slow(); });
  test.fail('e', async () => { test.info().annotations.push({ type: 'a' }); });
  shop('f', async ({ basket, visitor, page }) => {
    await shop.step('one', async () => { await shop.step.skip('two', async () => {}); });
    await expect.soft(page).toHaveTitle('x');
    await expect.poll(() => 1).toBe(1);
    await shop.expect.configure({ timeout: 1 })(visitor).toBeVisible();
    await expect(page.locator('nav')).toMatchAriaSnapshot(\`- link "Home"\`);
    const { FIRST, SECOND: second } = process.env;
    await page.fill('x', process.env.SHOP_PASSWORD! + process.env['SHOP_PIN'] + process.env?.THIRD);
    [{ test: 1 }].filter((test) => test.test > 0);
    const require = (x: number) => x; require(1);
    enum Size { Small }
  });
});
`;
  assert.deepEqual(check('a.spec.ts', source), []);
});

test('a fault tells its file, line, column and how to mend it', () => {
  assert.deepEqual(check('a.spec.ts', `${whole}\ntype A = string;\n  test.step.only('x', async () => {});`), [
    {
      file: 'a.spec.ts',
      line: 5,
      column: 13,
      code: 'TEST_MEMBER',
      message: 'test.step.only is not understood by sentinels: remove it, or use one of test.step, test.step.skip.',
    },
  ]);
});

test('imports of other packages are refused, types apart', () => {
  assert.deepEqual(faultsOf("import fs from 'node:fs';"), ['1:16 IMPORT']);
  assert.deepEqual(faultsOf("import { type A, b } from 'other';"), ['1:27 IMPORT']);
  assert.deepEqual(faultsOf("import 'other';\nexport { x } from '/root/x';\nexport * from 'c';"), [
    '1:8 IMPORT',
    '2:19 IMPORT',
    '3:15 IMPORT',
  ]);
  assert.deepEqual(faultsOf("import type { A } from 'other';"), []);
});

test('of Playwright, what is on the list is understood, by name', () => {
  assert.deepEqual(faultsOf("import { chromium } from '@playwright/test';"), ['1:10 IMPORT']);
  assert.deepEqual(faultsOf("import * as all from '@playwright/test';"), ['1:1 IMPORT']);
  assert.deepEqual(faultsOf("export * from '@playwright/test';"), ['1:1 IMPORT']);
  assert.deepEqual(
    check('a.spec.ts', "import it, { expect as e } from '@playwright/test';\nit('a', async () => { e(1).toBe(1); });"),
    [],
  );
});

test('require and dynamic imports are refused', () => {
  assert.deepEqual(faultsOf("const fs = require('fs');"), ['1:12 IMPORT_DYNAMIC']);
  assert.deepEqual(faultsOf("const load = () => import('./x');"), ['1:20 IMPORT_DYNAMIC']);
  assert.deepEqual(faultsOf('const load = require;'), ['1:14 IMPORT_DYNAMIC']);
});

test('a file without a test is refused', () => {
  assert.deepEqual(
    check('a.spec.ts', `${head}test.describe('x', () => { test.step('y', async () => {}); });`).map((f) => f.code),
    ['NO_TEST'],
  );
  assert.deepEqual(
    check('a.spec.ts', '').map((f) => `${f.line}:${f.column} ${f.code}`),
    ['1:1 NO_TEST'],
  );
  const other = "import { test } from 'vitest';\ntest('x', () => {});";
  assert.deepEqual(
    check('a.spec.ts', other).map((f) => f.code),
    ['NO_TEST', 'IMPORT'],
  );
});

test('members of test that sentinels do not execute are refused', () => {
  assert.deepEqual(faultsOf("test.describe.random('x', () => {});"), ['1:15 TEST_MEMBER']);
  assert.deepEqual(faultsOf("test.stepp('x', () => {});\ntest['step']('y', () => {});\ntest[name]('z');"), [
    '1:6 TEST_MEMBER',
    '3:6 TEST_MEMBER',
  ]);
  assert.deepEqual(faultsOf("const mine = test.extend({});\nmine.nothing('x');"), ['2:6 TEST_MEMBER']);
});

test('fixtures that nobody declared are refused', () => {
  assert.deepEqual(faultsOf("test('x', async ({ page, tracing }) => {});"), ['1:26 FIXTURE']);
  assert.deepEqual(faultsOf('test.beforeEach(async ({ shop }) => {});'), ['1:26 FIXTURE']);
  assert.deepEqual(
    faultsOf("const mine = test.extend({ shop: async ({ nothing }, use) => {} });\nmine('x', async ({ shop }) => {});"),
    ['1:43 FIXTURE'],
  );
});

test('fixtures must be named one by one', () => {
  assert.deepEqual(faultsOf("test('x', async (all) => {});"), ['1:18 FIXTURE']);
  assert.deepEqual(faultsOf("test('x', async ({ page, ...rest }) => {});"), ['1:26 FIXTURE']);
});

test('a page that each test makes anew is not there for all of them', () => {
  assert.deepEqual(faultsOf('test.beforeAll(async ({ page }) => {});'), ['1:25 FIXTURE']);
});

test('fixtures that tests share are refused', () => {
  assert.deepEqual(faultsOf("const mine = test.extend({ shop: [async ({}, use) => {}, { scope: 'worker' }] });"), [
    '1:60 FIXTURE',
  ]);
});

test('matchers that compare with a file are refused', () => {
  const lines = [
    'expect(page).toHaveScreenshot();',
    "expect('x').toMatchSnapshot('a.txt');",
    'expect(nav).toMatchAriaSnapshot();',
  ];
  assert.deepEqual(
    faultsOf(
      `test('y', async ({ page }) => {\n${lines.join('\n')}\nexpect(nav).toMatchAriaSnapshot({ name: 'a' }); });`,
    ),
    ['2:14 SNAPSHOT', '3:13 SNAPSHOT', '4:13 SNAPSHOT', '5:13 SNAPSHOT'],
  );
});

test('secrets whose names are not written out are refused', () => {
  assert.deepEqual(faultsOf('const a = process.env[name];\nsend(process.env);\nconst { A, ...rest } = process.env;'), [
    '1:11 ENVIRONMENT',
    '2:6 ENVIRONMENT',
    '3:24 ENVIRONMENT',
  ]);
  assert.deepEqual(faultsOf('const { env } = process;\nsend(process);\nx = typeof process;\nf({ process: 1 });'), [
    '1:17 ENVIRONMENT',
    '2:6 ENVIRONMENT',
  ]);
});

test('waiting outside of a test is refused', () => {
  assert.deepEqual(faultsOf('await fetch("/");\nfor await (const x of y) {}'), [
    '1:1 TOP_LEVEL_AWAIT',
    '2:1 TOP_LEVEL_AWAIT',
  ]);
});

test('a syntax error is told where it is, counted in characters', () => {
  assert.deepEqual(faultsOf("const é = 'ééé' + ;"), ['1:19 SYNTAX']);
});

test('code nested too deeply to be read is refused, not a crash', () => {
  assert.deepEqual(
    faultsOf(`const a = ${'['.repeat(6000)}${']'.repeat(6000)};`)
      .at(-1)
      ?.split(' ')[1],
    'SYNTAX',
  );
  assert.deepEqual(
    faultsOf(`const a = ${'1+'.repeat(20_000)}x;`)
      .at(-1)
      ?.split(' ')[1],
    'SYNTAX',
  );
});

test('decorators and resources are understood', () => {
  assert.deepEqual(
    faultsOf('const d = (x: unknown) => x;\nclass Page { @d open() {} }\nfunction f() { using x = y; }'),
    [],
  );
});

test('a shadowed name is not taken for the test', () => {
  assert.deepEqual(
    faultsOf('for (const test of [1]) { test.toFixed(); }\nfunction f(test) { test.x(); { const expect = 1; } }'),
    [],
  );
  assert.deepEqual(faultsOf('try {} catch (test) { test.message; }\nconst g = ({ test: [test] }) => test.x;'), []);
});

test('whatever the text, checking answers with faults and does not throw', () => {
  const piece = fc.constantFrom(
    ...whole.split(/\b/),
    'await ',
    '({',
    '`${',
    'class A { ',
    'process.env',
    '[',
    'test.',
    '=>',
    ';\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      for (const fault of check('a.spec.ts', pieces.join(''))) {
        assert.ok(fault.line >= 1 && fault.column >= 1 && fault.message.endsWith('.'), JSON.stringify(fault));
      }
    }),
    { numRuns: 40 },
  );
});

test('an option that no sentinel follows is refused, with the name that was meant; what files commonly set is not', () => {
  const messages = (lines: string) => check('a.spec.ts', whole + lines).map((f) => `${f.code} ${f.message}`);
  assert.deepEqual(faultsOf(`test.use({ locale: 'nl',\n  tymezoneId: 'x' });`), ['2:3 OPTION']);
  assert.match(messages(`test.use({ tymezoneId: 'x' });`)[0] ?? '', /Did you mean timezoneId\?$/);
  assert.match(
    messages(`test.describe('g', () => { test.use({ video: 'on' }); });`)[0] ?? '',
    /^OPTION video is refused/,
  );
  for (const video of [`'retain-on-failure'`, `{ mode: 'on' }`, '`on`', `{ size: { width: 1, height: 1 } }`])
    assert.match(messages(`test.use({ video: ${video} });`)[0] ?? '', /^OPTION video is refused/, video);
  assert.match(messages(`test.use({ proxy: { server: host() } });`)[0] ?? '', /^OPTION proxy is refused/);
  assert.match(messages(`test.use({ browserName: 'webkit' });`)[0] ?? '', /Chromium alone/);
  assert.match(
    messages(`test('x', async ({ browser }) => { await browser.newContext({ recordVideo: { dir: 'x' } }); });`)[0] ??
      '',
    /no video/,
  );
  const ordinary = `
    import { devices } from '@playwright/test';
    test.use({ ...devices['iPhone 13'], trace: 'on', screenshot: 'only-on-failure', video: 'off', headless: false, channel: 'chrome' });
    test.use({ launchOptions: { slowMo: 50 }, browserName: 'chromium' });
    test.use({ video: undefined, proxy: undefined, connectOptions: undefined, browserName: undefined });
    test.use({ video: { mode: 'off' } });
    test.use({ video: process.env.FILM ? 'on' : 'off' });
    const it = test.extend<{ size: number }>({ size: [1, { option: true }] });
    test.use({ size: 4 });`;
  assert.deepEqual(faultsOf(ordinary), []);
});

test('tests that are merged have the fixtures of each', () => {
  const merged = `
    import { mergeTests, mergeExpects } from '@playwright/test';
    const a = test.extend<{ one: number }>({ one: async ({}, use) => use(1) });
    const it = mergeTests(a, test.extend<{ two: number }>({ two: async ({}, use) => use(2) }));
    it('both', async ({ one, two, page }) => {});`;
  assert.deepEqual(faultsOf(merged), []);
  assert.deepEqual(faultsOf(`${merged}\n    it('none', async ({ three }) => {});`), ['6:25 FIXTURE']);
});
