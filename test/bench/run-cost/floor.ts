import { expect } from 'playwright/test';
import { type Browser, chromium } from 'playwright-core';

/** The floor: the plain library with a warm browser, and a new context for each run. Told to run by a message, it answers with the time. */

const { SHOP_URL = '', SHOP_PASSWORD = '', BENCH_BROWSER = '' } = process.env;
const browser = await chromium.launch({
  executablePath: BENCH_BROWSER,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
process.on('message', () => run(browser).then((wallMs) => process.send?.({ wallMs })));
process.once('disconnect', () => browser.close());
process.send?.({ ready: true });

async function run(on: Browser): Promise<number> {
  const began = performance.now();
  const context = await on.newContext({ baseURL: SHOP_URL });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByLabel('User').fill('demo');
  await page.getByLabel('Password').fill(SHOP_PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  await page.getByRole('link', { name: 'Basket' }).click();
  await expect(page.getByRole('heading', { name: 'Your basket' })).toBeVisible();
  await context.close();
  return performance.now() - began;
}
