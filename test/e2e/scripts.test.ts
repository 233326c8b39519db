import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { expect } from 'playwright/test';
import type { Page } from 'playwright-core';
import type { CustomerId } from '../../db/customers.ts';
import { buildHome } from '../../sentinel/build-home.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { runSentinel } from '../../sentinel/main.ts';
import { openRunner } from '../../sentinel/runner/runner.ts';
import { addUser } from '../../server/accounts/users.ts';
import { buildWorld, type World } from '../../server/build-world.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { startShop } from '../apps/shop/shop.ts';
import { thriftyBrowser } from '../thrifty-browser.ts';
import { openBrowser } from './open-browser.ts';

/* An author writes a draft in the console, mends it, has a sentinel try it, publishes it twice, compares, and rolls back. */

const patience = { timeout: 60_000 };
const flow = `import { expect, test } from '@playwright/test';

test('Web shop', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto('/');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  });
});
`;

test('a draft is mended, tried on a sentinel with a picture, published, compared and rolled back in the console', async () => {
  await using world = await buildWorld();
  await using shop = await startShop({ password: 'correct horse battery' });
  using device = buildHome();
  const customerId = await world.addCustomer('Acme');
  await using _sentinel = await startSentinel(world, join(device.folder, 'home'), customerId);
  await using browser = await openBrowser(world.context.authority.pins[0]);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const forbidden: string[] = [];
  page.on('console', (line) => void (line.text().includes('Content Security Policy') && forbidden.push(line.text())));
  await signIn(page, world, { name: 'alice', role: 'author', customerId });

  await expect(page.getByRole('heading', { name: 'No scripts yet' })).toBeVisible(patience);
  await expect(page.locator('body'), 'the console’s own styles come after those of its library').toHaveCSS(
    'font-size',
    '14px',
  );
  await page.getByRole('link', { name: 'New script' }).click();
  await page.getByLabel('Begin with').selectOption('Web shop', patience);
  const editor = page.getByRole('textbox', { name: 'Text of shop.spec.ts' });
  await expect(editor).toContainText("test.step('Login'", patience);
  await write(page, `${flow}import fs from 'node:fs';\n`);
  await expect(page.getByRole('button', { name: 'shop.spec.ts:9:16' })).toBeVisible(patience);
  await expect(page.locator('.cm-lint-marker-error')).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Publish' })).toBeDisabled();
  await write(page, flow);
  await expect(page.getByText('Nothing stands in the way of publishing.')).toBeVisible(patience);

  await page.getByLabel('Address it begins at').fill(shop.url);
  await page.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByRole('heading', { name: 'Trial on Desk 7, Utrecht' })).toBeVisible(patience);
  await expect(page.getByRole('row', { name: /Open/ })).toBeVisible(patience);
  const picture = page.getByRole('button', { name: 'Open the screenshot' }).getByRole('img');
  await expect(picture).toHaveJSProperty('complete', true, patience);
  assert.ok(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth > 0));

  await page.getByLabel('Further hosts it may reach').fill(new URL(shop.url).host);
  await publish(page, 'the first one');
  await expect(page.getByRole('row', { name: /the first one/ })).toContainText('1 newest', patience);
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(editor).toContainText("'Open'", patience);
  await write(page, flow.replace("'Open'", "'Open the shop'"));
  await publish(page, 'another name');
  await page.getByRole('button', { name: 'Compare Version 1' }).click(patience);
  await expect(page.getByRole('heading', { name: 'From version 1 to version 2' })).toBeVisible();
  await expect(page.locator('.cm-deletedChunk')).toContainText("'Open'", patience);
  await expect(page.locator('.cm-changedLine')).toContainText("'Open the shop'");
  await page.getByRole('button', { name: 'Roll back Version 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await expect(page.getByRole('row', { name: /back to version 1/ })).toContainText('3 newest', patience);
  await expect(page.getByRole('textbox', { name: 'shop.spec.ts' })).toContainText("'Open'", patience);

  const told = await world.context.customers.use(customerId, async (db) => ({
    runs: await db('runs').count({ n: '*' }).first(),
    actions: await db('audit').where('action', 'like', 'script-%').orderBy('id').pluck('action'),
  }));
  assert.equal(Number(told.runs?.n), 0, 'a trial is in no figure');
  const published = 'script-published';
  assert.deepEqual(told.actions, ['script-tried', published, published, published, 'script-rolled-back']);
  assert.deepEqual(forbidden, []);
});

async function startSentinel(world: World, home: string, customerId: CustomerId): Promise<AsyncDisposable> {
  const { context, server } = world;
  const code = await addEnrolmentCode(context, customerId, { location: 'Utrecht' });
  const [pin = ''] = context.authority.pins;
  await enrol({ home, server: server.url, code, pin, name: 'Desk 7' }, AbortSignal.timeout(60_000));
  const stop = new AbortController();
  const settings = { home, openRunner, allowRoot: true, browser: thriftyBrowser, concurrency: 1, log: () => {} };
  const running = runSentinel(settings, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function signIn(page: Page, world: World, user: Parameters<typeof addUser>[1] & { customerId: string }) {
  const { password: own } = await addUser(world.context, user);
  await page.goto(`${world.server.url}/c/${user.customerId}/scripts`);
  await page.getByLabel('Name').fill(user.name);
  await page.getByLabel('Password', { exact: true }).fill(own);
  await page.keyboard.press('Enter');
}

/** Pastes it in the place of all that stands in the editor. */
async function write(page: Page, text: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Text of shop.spec.ts' });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+a');
  await editor.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

async function publish(page: Page, message: string): Promise<void> {
  await page.getByRole('button', { name: 'Publish' }).click(patience);
  await page.getByLabel('Message').fill(message);
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
}
