import { mark } from './mark.ts';

export const steps: Record<string, string> = {
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
    test('boxed in a function', async () => {
      await test.step('fine', async () => {});
      await pick();
    });
    async function pick() { await test.step('pick', async () => { expect(1).toBe(2); }, { box: true }); }
    test('inner fails', async () => { await test.step('outer', async () => { await test.step('inner', async () => { throw new Error('x'); }); }); });`,

  'steps outside a test': `${mark}
    test.beforeAll(async () => mark('in beforeAll'));
    test.afterAll(async () => mark('in afterAll'));
    test('one', async () => {});`,

  'steps with a time of their own': `${mark}
    const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
    test.afterEach(async ({}, info) => mark(info.status + ' with ' + info.errors.length));
    test('is a failure that may be expected', async ({ page }) => { test.fail(); await test.step('slow page', () => page.goto('/slow'), { timeout: 300 }); });
    test('is no time-out of the test', async () => { await test.step('too slow', () => sleep(5000), { timeout: 200 }); });
    test('has a name', async () => {
      const thrown = await test.step('too slow', () => sleep(5000), { timeout: 200 }).catch((error) => error);
      expect(thrown.name).toBe('TimeoutError');
    });
    test('inside a step', async () => { await test.step('outer', async () => { await test.step('inner', () => sleep(5000), { timeout: 200 }); }); });`,

  'steps that are caught leave the page as it was': `
    const form = '<input type=password value=secret style="color: rgb(0, 0, 255)"><p>text</p>';
    test('caught', async ({ page }) => {
      await page.setContent(form);
      try { await test.step('Cookie banner', () => page.getByText('Accept').click({ timeout: 200 })); } catch {}
      await test.step('Login', async () => {
        await expect(page.locator('input')).toHaveCSS('color', 'rgb(0, 0, 255)');
        expect(await page.locator('input').getAttribute('style')).toBe('color: rgb(0, 0, 255)');
      });
    });
    test('soft', async ({ page }) => {
      await page.setContent(form);
      await test.step('Cookie banner', async () => { expect.soft(await page.getByText('Accept').count()).toBe(1); });
      await test.step('Login', async () => { await expect(page.locator('input')).toHaveCSS('color', 'rgb(0, 0, 255)'); });
      await test.step('Overview', async () => {});
    });
    test.describe('after it', () => {
      test.afterEach(async ({ page }) => {
        await test.step('Logout', async () => { await expect(page.locator('input')).toHaveCSS('color', 'rgb(0, 0, 255)'); });
        await test.step('Close', async () => {});
      });
      test('failed', async ({ page }) => { await page.setContent(form); await test.step('Login', async () => { expect(1).toBe(2); }); });
    });`,
};
