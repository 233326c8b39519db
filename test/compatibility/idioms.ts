/** Ways in which real files are written; some have files beside them. */
export const idioms: Record<string, string | { spec: string; files: Record<string, string> }> = {
  'page objects in files beside': {
    spec: `
      import { test, expect } from './support/fixtures';
      import { SitePage } from './pages/site-page';
      test.describe('page objects', () => {
        test('by fixture', async ({ sitePage }) => { await sitePage.open(); await expect(sitePage.heading).toHaveText('Site'); });
        test('by hand', async ({ page }) => { const site = new SitePage(page); await site.open(); await site.expectTitle('Site'); });
        test('that fails in the object', async ({ sitePage }) => { await sitePage.open(); await sitePage.expectTitle('Other'); });
      });`,
    files: {
      'pages/site-page.ts': `
        import { expect, test, type Locator, type Page } from '@playwright/test';
        export class SitePage {
          readonly page: Page;
          readonly heading: Locator;
          constructor(page: Page) { this.page = page; this.heading = page.getByRole('heading'); }
          async open(): Promise<void> { await test.step('open the site', async () => { await this.page.goto('/'); }); }
          async expectTitle(title: string): Promise<void> { await expect(this.page).toHaveTitle(title, { timeout: 300 }); }
        }`,
      'support/fixtures.ts': `
        import { test as base } from '@playwright/test';
        import { SitePage } from '../pages/site-page';
        export { expect } from '@playwright/test';
        export const test = base.extend<{ sitePage: SitePage }>({ sitePage: async ({ page }, use) => { await use(new SitePage(page)); } });`,
    },
  },

  'data, enums and parametrised tests': {
    spec: `
      import { test as it, expect, type TestInfo } from '@playwright/test';
      import users from './users.json';
      import { Role, sum } from './role';
      for (const user of users) {
        it.describe(\`\${user.name} as \${Role[user.role]}\`, () => {
          it(\`has \${user.items.length} items\`, async ({}, info: TestInfo) => { await it.step(\`sum for \${user.name}\`, async () => { expect(sum(user.items)).toBe(user.total); }); expect(info.title).toContain('items'); });
        });
      }
      [1, 2, 3].forEach((n) => it('number ' + n, () => { expect(n).toBeLessThan(3); }));
      async function* numbers() { yield 1; yield 2; }
      it('async iteration', async () => { const seen: number[] = []; for await (const n of numbers()) seen.push(n); expect(seen).toEqual([1, 2]); });
      it('satisfies', async () => { const point = { x: 1 } satisfies { x: number }; expect(point!.x as number).toBe(1); });`,
    files: {
      'users.json': '[{"name":"ann","role":0,"items":[1,2],"total":3},{"name":"bob","role":1,"items":[5],"total":6}]',
      'role.ts':
        'export enum Role { Reader, Author }\nexport const sum = (items: number[]) => items.reduce((a, b) => a + b, 0);',
    },
  },

  'devices and options that files commonly set': `
    import { test, expect, devices } from '@playwright/test';
    const { defaultBrowserType, ...phone } = devices['Pixel 7'];
    test.use({ screenshot: 'only-on-failure', trace: 'retain-on-failure', video: 'off', headless: true });
    test.describe('phone', () => {
      test.use({ ...phone, locale: 'de-DE' });
      test('is a phone', async ({ page, isMobile, hasTouch }) => {
        await page.goto('/');
        expect([isMobile, hasTouch, page.viewportSize()?.width, await page.evaluate(() => navigator.maxTouchPoints > 0)]).toEqual([true, true, phone.viewport.width, true]);
        expect(await page.evaluate(() => navigator.userAgent)).toBe(phone.userAgent);
      });
    });
    test('a context of its own', async ({ browser }) => {
      const context = await browser.newContext({ ...devices['Desktop Chrome'], viewport: { width: 500, height: 500 } });
      const page = await context.newPage();
      expect(page.viewportSize()).toEqual({ width: 500, height: 500 });
    });`,

  'merged tests and expects': `
    import { test as base, expect as plain, mergeTests, mergeExpects } from '@playwright/test';
    const a = base.extend<{ one: number }>({ one: async ({}, use) => use(1) });
    const b = base.extend<{ two: number }>({ two: async ({ baseURL }, use) => use(baseURL ? 2 : 0) });
    const test = mergeTests(a, b);
    const even = plain.extend({ toBeEven(n: number) { return { pass: n % 2 === 0, message: () => n + ' is odd' }; } });
    const small = plain.extend({ toBeSmall(n: number) { return { pass: n < 10, message: () => n + ' is large' }; } });
    const expect = mergeExpects(even, small);
    test('both', async ({ one, two, page }) => { expect(one + two).toBeSmall(); expect(two).toBeEven(); await page.goto('/'); });
    test('fails', async ({ one }) => { expect(one).toBeEven(); });`,

  'errors of the library': `
    import { test, expect, errors } from '@playwright/test';
    test('caught', async ({ page }) => {
      let caught: unknown;
      try { await page.waitForSelector('.never', { timeout: 100 }); } catch (error) { caught = error; }
      expect(caught instanceof errors.TimeoutError).toBe(true);
      expect((caught as Error).name).toBe('TimeoutError');
    });`,

  'a login kept for later tests': `
    let state: Awaited<ReturnType<import('@playwright/test').BrowserContext['storageState']>>;
    test.describe.serial('flow', () => {
      test('logs in', async ({ page, context }, info) => {
        await page.goto('/seen');
        await page.evaluate(() => localStorage.setItem('a', '1'));
        state = await context.storageState({ path: info.outputPath('state.json') });
      });
      test('is logged in', async ({ browser, baseURL }, info) => {
        const context = await browser.newContext({ storageState: state });
        const page = await context.newPage();
        await page.goto(baseURL + '/echo');
        expect(await page.textContent('body')).toContain('seen=yes');
        expect(await page.evaluate(() => localStorage.getItem('a'))).toBe('1');
        const path = info.outputPath('again.json');
        await context.storageState({ path });
        const third = await browser.newContext({ storageState: path });
        expect((await third.cookies()).length).toBe(1);
      });
    });
    test.describe('by option', () => {
      test.use({ storageState: { cookies: [{ name: 'x', value: 'y', domain: '127.0.0.1', path: '/', expires: -1, httpOnly: false, secure: false, sameSite: 'Lax' }], origins: [] } });
      test('has it', async ({ page }) => { await page.goto('/echo'); await expect(page.locator('body')).toContainText('x=y'); });
    });`,

  'secrets and variables': `
    const { CLIENT_KEY = '' } = process.env;
    test('are there', () => { expect(process.env.SECURE_URL).toMatch(/^https:/); expect(CLIENT_KEY).toContain('PRIVATE KEY'); expect(process.env.NO_SUCH_NAME).toBeUndefined(); });`,
};
