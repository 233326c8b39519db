import { mark } from './mark.ts';

export const fixtures: Record<string, string> = {
  'use at several levels': `
    test.use({ viewport: { width: 600, height: 400 }, locale: 'nl-NL' });
    test('file', async ({ page, viewport, locale }) => {
      expect([viewport?.width, locale]).toEqual([600, 'nl-NL']);
      expect(await page.evaluate(() => [innerWidth, navigator.language])).toEqual([600, 'nl-NL']);
    });
    test.describe('group', () => {
      test.use({ locale: 'fr-FR', userAgent: 'me', colorScheme: 'dark' });
      test('inner', async ({ page }) => {
        expect(await page.evaluate(() => [innerWidth, navigator.language, navigator.userAgent, matchMedia('(prefers-color-scheme: dark)').matches])).toEqual([600, 'fr-FR', 'me', true]);
      });
      test('a context of its own', async ({ browser }) => {
        const context = await browser.newContext({ locale: 'de-DE' });
        const page = await context.newPage();
        expect(await page.evaluate(() => [innerWidth, navigator.language, navigator.userAgent])).toEqual([600, 'de-DE', 'me']);
        await context.close();
      });
    });
    test.describe('as functions', () => {
      test.use({ viewport: async ({ locale }, use) => { await use({ width: locale === 'nl-NL' ? 321 : 123, height: 400 }); } });
      test('computed', async ({ page }) => { expect(page.viewportSize()?.width).toBe(321); });
    });`,

  'what is there without being set': `
    test('defaults', async ({ page, browserName, baseURL, viewport, isMobile, hasTouch, javaScriptEnabled, acceptDownloads, locale, colorScheme }) => {
      expect(baseURL).toMatch(/^http/);
      expect({ browserName, viewport, isMobile, hasTouch, javaScriptEnabled, acceptDownloads, locale, colorScheme }).toEqual({
        browserName: 'chromium', viewport: { width: 1280, height: 720 }, isMobile: false, hasTouch: false, javaScriptEnabled: true, acceptDownloads: true, locale: 'en-US', colorScheme: 'light',
      });
      expect(await page.evaluate(() => [navigator.language, matchMedia('(prefers-color-scheme: dark)').matches, devicePixelRatio])).toEqual(['en-US', false, 1]);
      await page.goto('/');
      expect(page.url()).toBe(baseURL + '/');
    });`,

  'fixtures: order, teardown, dependencies': `${mark}
    const it = test.extend<{ a: string; b: string; c: string; unused: string; always: void }>({
      a: async ({}, use) => { await mark('a up'); await use('a'); await mark('a down'); },
      b: async ({ a }, use) => { await mark('b up'); await use(a + 'b'); await mark('b down'); },
      c: async ({ a, b }, use, info) => { await mark('c up'); await use(a + b + info.title); await mark('c down'); },
      unused: async ({}, use) => { await mark('unused'); await use(''); },
      always: [async ({}, use) => { await mark('auto up'); await use(); await mark('auto down'); }, { auto: true }],
    });
    it.beforeEach(async ({ a }) => mark('beforeEach ' + a));
    it.afterEach(async ({ b }) => mark('afterEach ' + b));
    it('takes c', async ({ c }) => mark(c));
    it('takes nothing', async () => mark('nothing'));
    it('fails', async ({ b }) => { expect(b).toBe('x'); });`,

  'fixtures: override and options': `${mark}
    const base = test.extend<{ name: string; greeting: string }>({
      name: ['world', { option: true }],
      greeting: async ({ name }, use) => use('hello ' + name),
    });
    const it = base.extend<{ more: string }>({
      greeting: async ({ greeting }, use) => { await use(greeting + '!'); },
      more: [async ({ greeting }, use) => use(greeting + '?'), { timeout: 5000 }],
      page: async ({ page }, use) => { await page.setContent('<h1>mine</h1>'); await use(page); await mark('page down'); },
    });
    it('default', async ({ more }) => { expect(more).toBe('hello world!?'); });
    it.describe('other', () => {
      it.use({ name: 'moon' });
      it('set', async ({ more, greeting: renamed = 'x' }) => { expect([more, renamed]).toEqual(['hello moon!?', 'hello moon!']); });
    });
    it('a page of its own', async ({ page }) => { await expect(page.getByRole('heading')).toHaveText('mine'); });
    base('the base still stands', async ({ greeting }) => { expect(greeting).toBe('hello world'); });`,

  'fixtures that fail': `${mark}
    const it = test.extend<{ up: string; down: string; never: string; slow: string; skips: string }>({
      up: async ({}, use) => { throw new Error('up'); },
      down: async ({}, use) => { await use('x'); throw new Error('down'); },
      never: async ({}, use) => {},
      slow: [async ({}, use) => { await new Promise(() => {}); }, { timeout: 300 }],
      skips: async ({}, use) => { test.skip(true, 'fixture says so'); await use('x'); },
    });
    it('up', async ({ up }) => mark('not reached'));
    it('down', async ({ down }) => mark('reached'));
    it('never', async ({ never }) => mark('not reached'));
    it('slow', async ({ slow }) => mark('not reached'));
    it('skips', async ({ skips }) => mark('not reached'));
    it.afterEach(async () => mark('afterEach'));`,

  'fixtures: page of another kind, and values that change': `${mark}
    type Basket = { items: string[]; add(item: string): void };
    const it = test.extend<{ basket: Basket; open: string }>({
      basket: async ({}, use) => { const items: string[] = []; await use({ items, add: (item) => { items.push(item); } }); await mark('had ' + items.length); },
      open: async ({ page, baseURL }, use) => { await page.goto('/'); await use(baseURL + '/'); },
      context: async ({ context }, use) => { await context.addCookies([{ name: 'a', value: 'b', url: 'http://127.0.0.1/' }]); await use(context); },
    });
    it('one', async ({ basket, open, page }) => { basket.add('tea'); basket.add('milk'); expect(page.url()).toBe(open); });
    it('another has its own', async ({ basket, context }) => { expect(basket.items).toEqual([]); expect((await context.cookies())[0]?.name).toBe('a'); });`,

  'fixtures: teardown after a failure, and that fails too': `${mark}
    const it = test.extend<{ a: number; b: number; late: number }>({
      a: async ({}, use) => { await use(1); await mark('a down'); },
      b: async ({ a }, use, info) => { try { await use(a); } finally { await mark('b down ' + info.status); } },
      late: [async ({}, use) => { await use(1); await new Promise(() => {}); }, { timeout: 300 }],
    });
    it('fails', async ({ b }) => { expect(b).toBe(2); });
    it('is late', async ({ late }) => { await mark('ran'); });
    it('times out', async ({ b }) => { it.setTimeout(300); await new Promise(() => {}); });`,

  'fixtures: set by use like an option': `${mark}
    test.use({
      page: async ({ page }, use) => { await page.goto('/'); await use(page); await mark('page down'); },
      baseURL: async ({ baseURL }, use) => { await use(baseURL + '/'); },
    });
    test('is there', async ({ page, baseURL }) => { await expect(page).toHaveTitle('Site'); expect(baseURL).toMatch(/\\/$/); });`,

  'use of contextOptions': `
    test.use({ contextOptions: { locale: 'nl-NL', viewport: { width: 700, height: 300 }, reducedMotion: 'reduce', hasTouch: true, storageState: { cookies: [], origins: [] } } });
    test('as fixtures', async ({ viewport, locale, reducedMotion, hasTouch, colorScheme }) => {
      expect([viewport?.width, locale, reducedMotion, hasTouch, colorScheme]).toEqual([700, 'nl-NL', 'reduce', true, 'light']);
    });
    test('in the page', async ({ page }) => {
      expect(await page.evaluate(() => [innerWidth, navigator.language, matchMedia('(prefers-reduced-motion: reduce)').matches, navigator.maxTouchPoints > 0])).toEqual([700, 'nl-NL', true, true]);
    });
    test.describe('less than the option itself', () => {
      test.use({ locale: 'fr-FR', viewport: null });
      test('wins', async ({ browser, viewport, locale, hasTouch }) => {
        expect([viewport, locale, hasTouch]).toEqual([null, 'fr-FR', true]);
        const context = await browser.newContext({ hasTouch: false });
        const page = await context.newPage();
        expect(await page.evaluate(() => [navigator.language, navigator.maxTouchPoints])).toEqual(['fr-FR', 0]);
        await context.close();
      });
    });`,

  'use of undefined': `
    const it = test.extend<{ mode: string; plain: string }>({ mode: ['a', { option: true }], plain: async ({}, use) => use('made') });
    it.use({ mode: 'b', baseURL: 'http://127.0.0.1:9', locale: 'nl-NL', testIdAttribute: 'data-x', viewport: undefined });
    it('set', async ({ page, mode, baseURL, viewport }) => {
      expect([mode, baseURL, viewport?.width]).toEqual(['b', 'http://127.0.0.1:9', 1280]);
      await page.setContent('<p data-x="there">text</p>');
      await expect(page.getByTestId('there')).toHaveText('text');
    });
    it.describe('given back', () => {
      it.use({ mode: undefined, plain: undefined, baseURL: undefined, locale: undefined, testIdAttribute: undefined });
      it('as configured', async ({ page, mode, plain, locale, testIdAttribute }) => {
        expect([mode, plain, locale, testIdAttribute]).toEqual(['a', undefined, 'en-US', 'data-testid']);
        await page.goto('/');
        await expect(page).toHaveTitle('Site');
        await page.setContent('<p data-testid="there">text</p>');
        await expect(page.getByTestId('there')).toHaveText('text');
      });
      it.describe('and set anew', () => {
        it.use({ mode: 'c' });
        it('inner', async ({ mode }) => { expect(mode).toBe('c'); });
      });
    });`,

  'fixtures: values with options, and lists': `
    const it = test.extend<{ boxed: string; titled: string; list: string[]; rows: object[]; one: object }>({
      boxed: [async ({}, use) => use('x'), { box: true }],
      titled: [async ({ boxed }, use) => use(boxed + 'y'), { title: 'a title' }],
      list: [[], { option: true }],
      rows: [[], { option: true }],
      one: [{}, { option: true }],
    });
    it.use({ list: ['a', 'b'], rows: [[{ a: 1 }, { a: 2 }], { scope: 'test' }], one: [{ a: 1 }, { a: 2 }] as never });
    it('handed over', async ({ boxed, titled, list, rows, one }) => {
      expect([boxed, titled, list, rows, one]).toEqual(['x', 'xy', ['a', 'b'], [{ a: 1 }, { a: 2 }], { a: 1 }]);
    });`,

  'fixtures: one time for setting up and taking down': `${mark}
    const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
    const it = test.extend<{ slow: number; dear: number }>({
      slow: [async ({}, use) => { await sleep(400); await use(1); await sleep(400); }, { timeout: 700 }],
      dear: [async ({}, use) => { await sleep(400); await use(1); await sleep(400); }, { timeout: 10_000 }],
    });
    it('is not enough', async ({ slow }) => mark('ran'));
    it('is enough', async ({ dear }) => mark('ran too'));`,
};
