import { mark } from './mark.ts';

export const hooks: Record<string, string> = {
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

  'hooks share what is in the file': `
    let page: import('@playwright/test').Page;
    const log: string[] = [];
    test.beforeAll(async ({ browser, baseURL }) => { page = await browser.newPage(); await page.goto(baseURL + '/'); log.push('opened'); });
    test.beforeEach(async ({}, info) => { log.push(info.title); });
    test.afterAll('closes', async () => { await page.close(); });
    test('one', async () => { await expect(page.locator('h1')).toHaveText('Site'); expect(log).toEqual(['opened', 'one']); });
    test('two', async () => { expect(log).toEqual(['opened', 'one', 'two']); });`,

  'pages in hooks of each test': `
    test.beforeEach('opens', async ({ page }) => { await page.goto('/'); });
    test.afterEach(async ({ page }, info) => { await test.step('saw ' + (await page.title()) + ' ' + info.status, async () => {}); });
    test('passes', async ({ page }) => { await expect(page).toHaveTitle('Site'); });
    test('fails', async ({ page }) => { await expect(page).toHaveTitle('Other', { timeout: 200 }); });
    test('asks for none', async () => {});`,

  'a page in beforeAll': `
    test.beforeAll(async ({ browser }) => { await (await browser.newPage()).goto('http://127.0.0.1:1/'); });
    test('one', async () => {});
    test('two', async () => {});`,
};
