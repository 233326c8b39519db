/*
 * Small scripts that use what Playwright Test understands, each with its import line left out. `compatibility.test.ts` runs
 * every one of them under `playwright test` and on a sentinel, and compares. What ran when is told by names of steps.
 */

const mark = `const mark = (name: string) => test.step(name, async () => {});`;

export const specs: Record<string, string> = {
  'a test without steps': `
    test('alone', async () => { expect(1 + 1).toBe(2); });`,

  'tests with and without steps': `
    test('without', async () => {});
    test('with', async () => { await test.step('A', async () => {}); await test.step('B', async () => {}); });
    test('fails outside its steps', async () => { await test.step('C', async () => {}); expect(1).toBe(2); });
    test('still runs', async () => { await test.step('D', async () => {}); });`,

  'nested describes and titles': `
    test.describe('outer', () => {
      test('one', async () => {});
      test.describe('inner', () => { test('two', async () => { await test.step('S', async () => {}); }); });
      test.describe(() => { test('three', async () => {}); });
      test.describe('with details', { tag: '@a', annotation: { type: 'issue', description: 'x' } }, () => {
        test('four', { tag: ['@b', '@c'] }, async ({}, info) => { expect(info.tags).toEqual(['@a', '@b', '@c']); expect(info.annotations[0]?.type).toBe('issue'); });
      });
    });`,

  'order of hooks': `${mark}
    test.beforeAll(async () => mark('beforeAll file'));
    test.afterAll(async () => mark('afterAll file'));
    test.beforeEach(async () => mark('beforeEach file'));
    test.afterEach(async () => mark('afterEach file'));
    test('first', async () => mark('in first'));
    test.describe('group', () => {
      test.beforeAll('named', async () => mark('beforeAll group'));
      test.afterAll(async () => mark('afterAll group'));
      test.beforeEach(async () => mark('beforeEach group 1'));
      test.beforeEach(async () => mark('beforeEach group 2'));
      test.afterEach(async () => mark('afterEach group'));
      test('second', async () => mark('in second'));
      test('third', async () => mark('in third'));
    });
    test('fourth', async () => mark('in fourth'));`,

  'hooks run anew after a failure': `${mark}
    test.beforeAll(async () => mark('beforeAll'));
    test.afterAll(async () => mark('afterAll'));
    let runs = 0;
    test('fails', async () => { runs++; expect(1).toBe(2); });
    test('begins again', async () => { runs++; await mark('runs ' + runs); });
    test('goes on', async () => { runs++; await mark('runs ' + runs); });`,

  'a failing beforeAll': `${mark}
    test('before', async () => {});
    test.describe('group', () => {
      test.beforeAll(async () => { throw new Error('no'); });
      test.afterAll(async () => mark('afterAll'));
      test('one', async () => mark('in one'));
      test('two', async () => mark('in two'));
      test.describe('deeper', () => { test('three', async () => {}); });
    });
    test('after', async () => {});`,

  'a failing beforeEach': `${mark}
    test.beforeEach(async ({}, info) => { if (info.title === 'one') throw new Error('no'); });
    test.beforeEach(async () => mark('second beforeEach'));
    test.afterEach(async () => mark('afterEach'));
    test('one', async () => mark('in one'));
    test('two', async () => mark('in two'));`,

  'failing afterEach and afterAll': `${mark}
    test.describe('each', () => {
      test.afterEach(async () => { throw new Error('no'); });
      test.afterEach(async () => mark('other afterEach'));
      test('one', async () => mark('in one'));
    });
    test.describe('all', () => {
      test.afterAll(async () => { throw new Error('no'); });
      test.afterAll(async () => mark('other afterAll'));
      test('two', async () => mark('in two'));
      test('three', async () => mark('in three'));
    });
    test('four', async () => {});`,

  'afterEach knows how it went': `${mark}
    test.afterEach(async ({}, info) => { await mark(info.status + ' ' + info.expectedStatus + ' ' + info.errors.length); });
    test('passes', async () => {});
    test('fails', async () => { expect(1).toBe(2); });
    test('soft', async () => { expect.soft(1).toBe(2); expect.soft(1).toBe(3); });
    test('skipped', async () => { test.skip(); });
    test('expected', async () => { test.fail(); throw new Error('x'); });
    test('late', async () => { test.setTimeout(300); await new Promise(() => {}); });`,

  'a skip in beforeEach and in beforeAll': `${mark}
    test.describe('each', () => {
      test.beforeEach(async () => { test.skip(true, 'not today'); });
      test.beforeEach(async () => mark('not run'));
      test.afterEach(async () => mark('afterEach'));
      test('one', async () => mark('in one'));
    });
    test.describe('all', () => {
      test.beforeAll(async () => { test.skip(true, 'not today'); });
      test.afterAll(async () => mark('afterAll'));
      test('two', async () => mark('in two'));
      test('three', async () => mark('in three'));
    });
    test('four', async () => {});`,

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

  'skip and fixme': `${mark}
    test.skip('declared', async () => mark('no'));
    test.fixme('declared fixme', async () => mark('no'));
    test.skip('with details', { tag: '@x' }, async () => mark('no'));
    test('inside', async () => { await mark('begun'); test.skip(); await mark('no'); });
    test('inside with reason', async () => { test.skip(true, 'because'); });
    test('not skipped', async () => { test.skip(false, 'because'); test.fixme(false); await mark('yes'); });
    test('by info', async ({}, info) => { info.fixme(true, 'x'); });
    test('in a step', async () => { await test.step('S', async () => { test.skip(); }); await mark('no'); });
    test.describe.skip('whole group', () => { test.beforeAll(async () => mark('no')); test('a', async () => mark('no')); });
    test.describe.fixme('whole other group', () => { test('b', async () => mark('no')); });`,

  'conditions of a group': `${mark}
    test.describe('function', () => {
      test.skip(({ browserName }) => browserName === 'chromium', 'not in chromium');
      test.beforeEach(async () => mark('no'));
      test('a', async () => mark('no'));
    });
    test.describe('false', () => {
      test.skip(({ browserName }) => browserName !== 'chromium', 'only in chromium');
      test.skip(false, 'never');
      test('b', async () => mark('in b'));
    });
    test.describe('plain', () => { test.skip(true, 'always'); test('c', async () => mark('no')); });
    test.describe('fails', () => { test.fail(({ browserName }) => browserName === 'chromium'); test('d', async () => { throw new Error('x'); }); test('e', async () => {}); });
    test.describe('per test', () => {
      test.skip(({ viewport }) => viewport!.width > 100, 'wide');
      test.beforeEach(async () => mark('no'));
      test('f', async () => mark('no'));
    });`,

  'expected failures': `
    test.fail('declared', async () => { throw new Error('x'); });
    test.fail('declared but passes', async () => {});
    test('inside', async () => { test.fail(true, 'known'); expect(1).toBe(2); });
    test('inside, not met', async () => { test.fail(false); });
    test('soft', async () => { test.fail(); expect.soft(1).toBe(2); });
    test('a time-out is not the failure expected', async () => { test.fail(); test.setTimeout(300); await new Promise(() => {}); });
    test('skip wins', async () => { test.fail(); test.skip(); });
    test.describe('hook', () => { test.afterEach(async () => { throw new Error('x'); }); test('fails later', async () => { test.fail(); }); });`,

  'time-outs': `
    test.describe('describe', () => {
      test.describe.configure({ timeout: 300 });
      test('too slow', async () => { await test.step('S', async () => { await new Promise((r) => setTimeout(r, 5000)); }); });
      test('slow is allowed', async () => { test.slow(); await new Promise((r) => setTimeout(r, 500)); expect(test.info().timeout).toBe(900); });
    });
    test('set inside', async () => { test.setTimeout(200); await new Promise((r) => setTimeout(r, 3000)); });
    test('set by info', async ({}, info) => { info.setTimeout(4321); expect(info.timeout).toBe(4321); });
    test.describe('hook', () => {
      test.beforeEach(async () => { test.setTimeout(200); await new Promise((r) => setTimeout(r, 2000)); });
      test('hook too slow', async () => { await test.step('no', async () => {}); });
    });
    test.describe('slow modifier', () => { test.slow(); test.setTimeout(1000); test('tripled', async () => { expect(test.info().timeout).toBe(3000); }); });`,

  'serial groups': `${mark}
    test.describe('a', () => {
      test.describe.configure({ mode: 'serial' });
      test('1', async () => mark('in 1'));
      test('2', async () => { await mark('in 2'); throw new Error('x'); });
      test('3', async () => mark('in 3'));
      test.describe('inner', () => { test('4', async () => mark('in 4')); });
    });
    test('between', async () => mark('in between'));
    test.describe.serial('b', () => { test('5', async () => mark('in 5')); test.skip('6', async () => {}); test('7', async () => mark('in 7')); });`,

  'soft assertions': `
    test('goes on', async ({ page }) => {
      await test.step('A', async () => { expect.soft(1, 'one').toBe(2); await test.step('deep', async () => {}); });
      await test.step('B', async () => { await test.step('inner', async () => { expect.soft(1).toBe(3); }); });
      await test.step('C', async () => { await expect.soft(page.locator('nothing')).toBeVisible({ timeout: 200 }); });
      await test.step('D', async () => {});
      expect(test.info().errors.length).toBe(3);
    });
    test('configured', async () => { const soft = expect.configure({ soft: true, timeout: 100 }); soft(1).toBe(2); await test.step('after', async () => {}); });
    test('poll', async () => { await expect.soft.poll(() => 1, { timeout: 200 }).toBe(2); await test.step('after', async () => {}); });`,

  'expect, poll, toPass': `
    test('poll', async () => { let n = 0; await expect.poll(() => ++n, { intervals: [10] }).toBe(3); });
    test('poll in vain', async () => { await expect.poll(async () => 1, { timeout: 300, message: 'never' }).toBe(3); });
    test('toPass', async () => { let n = 0; await expect(async () => { expect(++n).toBe(3); }).toPass({ intervals: [10] }); });
    test('toPass in vain', async () => { await expect(() => { expect(1).toBe(2); }).toPass({ timeout: 300 }); });
    test('toPass until the test ends', async () => { test.setTimeout(900); await expect(() => { expect(1).toBe(2); }).toPass(); });
    test('not, resolves, rejects', async () => {
      expect(1).not.toBe(2);
      await expect(Promise.resolve(1)).resolves.toBe(1);
      await expect(Promise.reject(new Error('x'))).rejects.toThrow('x');
      expect({ a: [1, { b: 2 }] }).toEqual({ a: expect.arrayContaining([expect.objectContaining({ b: expect.any(Number) })]) });
      expect('abc').not.toEqual(expect.stringContaining('z'));
    });
    test('own matchers', async () => {
      const mine = expect.extend({ toBeEven(n: number) { return { pass: n % 2 === 0, message: () => 'odd' }; } });
      mine(2).toBeEven(); mine(3).not.toBeEven(); mine.soft(2).toBeEven();
      await mine.poll(() => 4).toBeEven();
    });
    test('web first', async ({ page }) => {
      await page.setContent('<button onclick="setTimeout(() => out.textContent = 42, 100)">Go</button><output id=out></output>');
      await page.getByRole('button').click();
      await expect(page.locator('output')).toHaveText('42');
      await expect(page.locator('output')).not.toHaveText('43');
      await expect(page).toHaveURL('about:blank');
    });`,

  'steps: nesting, values, names': `
    test('one test', async () => {
      const value = await test.step('value', async () => 42);
      const text = await test.step('sync body', () => 'x' as unknown as Promise<string>);
      expect([value, text]).toEqual([42, 'x']);
      await test.step('outer', async () => { await test.step('inner', async () => { await test.step('inmost', async () => {}); }); });
      await test.step('Login', async () => {}); await test.step('Login', async () => {});
      await Promise.all([test.step('together 1', async () => {}), test.step('together 2', async () => {})]);
      const helper = async () => test.step('in a helper', async (step) => step.titlePath.at(-1));
      expect(await helper()).toBe('in a helper');
      await test.step('boxed', async () => {}, { box: true, timeout: 1000 });
    });`,

  'steps that are skipped, late or caught': `
    test('skips', async () => {
      await test.step.skip('never', async () => { throw new Error('x'); });
      expect(await test.step('half', async (step) => { step.skip(); return 1; })).toBeUndefined();
      await test.step('not', async (step) => { step.skip(false, 'x'); });
      await test.step('last', async () => {});
    });
    test('late', async () => { await test.step('slow', async () => { await new Promise((r) => setTimeout(r, 5000)); }, { timeout: 200 }); await test.step('after', async () => {}); });
    test('caught', async () => {
      try { await test.step('goes wrong', async () => { throw new Error('x'); }); } catch {}
      await test.step('goes on', async () => {});
    });
    test('boxed', async () => { await test.step('box', async () => { expect(1).toBe(2); }, { box: true }); });
    test('inner fails', async () => { await test.step('outer', async () => { await test.step('inner', async () => { throw new Error('x'); }); }); });`,

  'steps outside a test': `${mark}
    test.beforeAll(async () => mark('in beforeAll'));
    test.afterAll(async () => mark('in afterAll'));
    test('one', async () => {});`,

  'errors nobody awaits': `${mark}
    test('in a timer', async () => { setTimeout(() => { throw new Error('late'); }, 50); await new Promise((r) => setTimeout(r, 1500)); await mark('not reached'); });
    test('a rejection', async () => { void Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1500)); await mark('not reached'); });
    test('goes on', async () => mark('yes'));
    test.afterEach(async () => mark('afterEach'));`,

  'odd throws': `
    test('a text', async () => { throw 'text'; });
    test('nothing', async () => { throw undefined; });
    test('an object', async () => { throw { a: 1 }; });
    test('in a sync body', () => { throw new Error('x'); });`,

  'info of a test': `
    test.describe('group', () => {
      test('title', { annotation: { type: 'issue', description: '1' } }, async ({}, info) => {
        expect(info).toBe(test.info());
        expect(info.title).toBe('title');
        expect(info.titlePath.slice(1)).toEqual(['group', 'title']);
        expect(info.retry).toBe(0);
        expect(info.annotations.map((a) => a.type)).toEqual(['issue']);
        info.annotations.push({ type: 'more' });
        await info.attach('text', { body: 'hello', contentType: 'text/plain' });
        expect(info.attachments.map((a) => [a.name, a.contentType])).toEqual([['text', 'text/plain']]);
        expect(info.outputPath('a', 'b.txt').endsWith('b.txt')).toBe(true);
        expect(info.project.name).toBeDefined();
        await test.step('S', async (step) => { await step.attach('more', { body: 'x' }); });
      });
    });
    test('no test is running', async () => {});
    let message = '';
    try { test.info(); } catch (error) { message = (error as Error).message; }
    test('outside', async () => { expect(message).toContain('can only be called while test is running'); });`,

  'pages: dialogs, popups, frames, clock, routes': `
    test('all at once', async ({ page, context }) => {
      await page.route('**/made-up', (route) => route.fulfill({ contentType: 'text/html', body: '<title>made up</title><h1>Hi</h1><iframe srcdoc="<button>In frame</button>"></iframe>' }));
      await page.goto('/made-up');
      await expect(page).toHaveTitle('made up');
      await page.frameLocator('iframe').getByRole('button').click();
      page.once('dialog', (dialog) => dialog.accept('yes'));
      expect(await page.evaluate(() => prompt('?'))).toBe('yes');
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => { open('about:blank'); })]);
      expect(context.pages().length).toBe(2);
      await popup.close();
      await page.clock.install({ time: new Date('2020-02-02T10:00:00Z') });
      await page.clock.fastForward('01:00');
      expect(await page.evaluate(() => new Date().getUTCFullYear())).toBe(2020);
      await page.exposeFunction('add', (a: number, b: number) => a + b);
      expect(await page.evaluate(() => (window as any).add(1, 2))).toBe(3);
      await context.addCookies([{ name: 'a', value: '1', url: page.url() }]);
      expect((await context.cookies()).length).toBe(1);
      await page.setContent('<input type=file onchange="out.textContent = this.files[0].name"><p id=out>');
      await page.setInputFiles('input', { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
      await expect(page.locator('p')).toHaveText('a.txt');
    });`,

  'no page is shared, one context is': `
    let shared = '';
    test('first', async ({ page }) => { await page.goto('/'); await page.evaluate(() => localStorage.setItem('a', '1')); shared = 'kept'; });
    test('second', async ({ page }) => { await page.goto('/'); expect(await page.evaluate(() => localStorage.getItem('a'))).toBeNull(); expect(shared).toBe('kept'); });
    test.describe('one page for several tests', () => {
      let page: import('@playwright/test').Page;
      test.beforeAll(async ({ browser }) => { page = await browser.newPage(); await page.setContent('<h1>0</h1>'); });
      test.afterAll(async () => { await page.close(); });
      test('writes', async () => { await page.evaluate(() => { document.querySelector('h1')!.textContent = '1'; }); });
      test('reads', async () => { await expect(page.locator('h1')).toHaveText('1'); });
    });`,

  'navigation and elements that fail': `
    test('nothing listens', async ({ page }) => { await page.goto('http://127.0.0.1:1/'); });
    test('no such element', async ({ page }) => { await page.setContent('<p>x</p>'); await page.getByRole('button').click({ timeout: 300 }); });
    test('test time-out while waiting', async ({ page }) => { test.setTimeout(2000); await test.step('waits', async () => { await page.locator('nothing').click(); }); await test.step('after', async () => {}); });
    test('two of them', async ({ page }) => { await page.setContent('<p>x</p><p>y</p>'); await page.locator('p').click({ timeout: 300 }); });
    test('use of a closed page', async ({ page }) => { await page.close(); await page.title(); });`,

  'all skipped': `
    test.skip('a', async () => {});
    test('b', async () => { test.skip(true, 'no'); });`,
};

/** Scripts that Playwright Test refuses to load, and with them every other. */
export const unloadable: Record<string, string> = {
  'a file that cannot be loaded': `
    test('fine', async () => {});
    throw new Error('while loading');`,

  'a fixture that does not exist': `
    test('asks for it', async ({ nonsense }: any) => {});`,

  'fixtures in a circle': `
    const it = test.extend<{ a: string; b: string }>({ a: async ({ b }, use) => use(b), b: async ({ a }, use) => use(a) });
    it('never', async ({ a }) => {});`,
};

/** Apart, since one `only` leaves out the tests of every other file too. */
export const onlySpec = `
    test('left out', async () => {});
    test.only('chosen', async () => {});
    test.describe('group', () => { test.only('chosen too', async () => {}); test('left out too', async () => {}); });
    test.describe.only('only inside only', () => { test('left out by the deeper only', async () => {}); test.only('deeper', async () => {}); });`;
