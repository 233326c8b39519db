import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expect } from 'playwright/test';
import { type Browser, chromium } from 'playwright-core';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { startShop } from '../apps/shop/shop.ts';
import { buildRunner, runScript } from '../run-script.ts';
import { usersBrowser } from '../thrifty-browser.ts';

const delayMs = 300;
const rounds = 3;
const password = 'correct horse battery';

const source = `import { test, expect } from '@playwright/test';
test('Web shop', async ({ page }) => {
  await test.step('Open', async () => { await page.goto('/'); });
  await test.step('Login', async () => {
    await page.getByLabel('User').fill('demo');
    await page.getByLabel('Password').fill(process.env.SHOP_PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  });
});
`;

test('the reported response time of a login is never below what the server took, and not above what the plain library measures', async (t) => {
  await using shop = await startShop({ password, delays: { login: delayMs } });
  await using runner = await buildRunner({}, { browser: usersBrowser });
  const plain = await chromium.launch({
    executablePath: findBrowser(process.env) ?? '',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const [reported, measured]: [number[], number[]] = [[], []];
  try {
    await reportedMs(runner); // both sides warm
    await plainMs(plain);
    for (let round = 0; round < rounds; round++) {
      reported.push(await reportedMs(runner));
      measured.push(await plainMs(plain));
    }
  } finally {
    await plain.close();
  }
  t.diagnostic(
    `reported ${reported.map(Math.round)} ms, plain library ${measured.map(Math.round)} ms, server's own delay ${delayMs} ms`,
  );
  assert.ok(Math.min(...reported) >= delayMs, `${Math.min(...reported)} ms is less than the server took`);
  assert.ok(median(reported) <= median(measured), `${median(reported)} ms against ${median(measured)} ms`);

  async function reportedMs(by: typeof runner): Promise<number> {
    const { run } = await runScript(by, { source }, { url: shop.url, secrets: { SHOP_PASSWORD: password } });
    assert.equal(run.outcome, 'passed', String(run.error?.message));
    return (run.transactions.find((x) => x.name === 'Login')?.responseUs ?? 0) / 1000;
  }

  async function plainMs(browser: Browser): Promise<number> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(shop.url);
    const began = performance.now();
    await page.getByLabel('User').fill('demo');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
    const took = performance.now() - began;
    await context.close();
    return took;
  }
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
