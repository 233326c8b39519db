import assert from 'node:assert/strict';
import { expect } from 'playwright/test';
import type { Page } from 'playwright-core';
import type { CustomerId } from '../../db/customers.ts';
import { addUser } from '../../server/accounts/users.ts';
import type { World } from '../../server/build-world.ts';
import { startShop } from '../apps/shop/shop.ts';

const patience = { timeout: 60_000 };
const flow = `import { expect, test } from '@playwright/test';

const { START = '/' } = process.env;

test('Web shop', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto(START);
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  });
});
`;

/**
 * On a page of a customer without scripts, whose one sentinel is at work: an author writes a draft, mends it, has the sentinel
 * try it, publishes it twice, compares, and rolls back.
 */
export async function writeScript(page: Page, world: World, customerId: CustomerId): Promise<void> {
  await using shop = await startShop({ password: 'correct horse battery' });
  const forbidden: string[] = [];
  page.on('console', (line) => void (line.text().includes('Content Security Policy') && forbidden.push(line.text())));
  await page.getByRole('link', { name: 'Scripts' }).click();
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
  await expect(page.getByRole('button', { name: 'shop.spec.ts:11:16' })).toBeVisible(patience);
  await expect(page.locator('.cm-lint-marker-error')).toHaveCount(1, patience);
  await expect(page.getByRole('button', { name: 'Publish' })).toBeDisabled(patience);
  await write(page, flow);
  await expect(page.getByText('Nothing stands in the way of publishing.')).toBeVisible(patience);

  await page.getByLabel('Address it begins at').fill(shop.url);
  await page.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByRole('heading', { name: /^Trial on Desk 7/ })).toBeVisible(patience);
  await expect(page.getByRole('row', { name: /Open/ })).toBeVisible(patience);
  await expect(page.getByRole('row', { name: /by bob.*Desk 7/ })).toContainText('passed', {
    ...patience,
    ignoreCase: true,
  });
  const picture = page.getByRole('button', { name: 'Open the screenshot' }).getByRole('img');
  await expect(picture).toHaveJSProperty('complete', true, patience);
  assert.ok(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth > 0));

  await page.getByLabel('Further hosts it may reach').fill(new URL(shop.url).host);
  await publish(page, 'the first one');
  await expect(page.getByRole('row', { name: /the first one/ })).toContainText('1 newest', patience);
  await page.getByRole('link', { name: 'Make a monitor of it' }).click();
  await expect(page.getByRole('combobox', { name: 'Script' })).toHaveValue('shop.spec.ts', patience);
  await expect(page.getByText('a value of its own for START:')).toBeVisible();
  await page.goBack();
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(editor).toContainText("'Open'", patience);
  await write(page, flow.replace("'Open'", "'Open the shop'"));
  await publish(page, 'another name');
  await page.getByRole('button', { name: 'Compare Version 1' }).click(patience);
  await expect(page.getByRole('heading', { name: 'From version 1 to version 2' })).toBeVisible(patience);
  await expect(page.locator('.cm-deletedChunk')).toContainText("'Open'", patience);
  await expect(page.locator('.cm-changedLine')).toContainText("'Open the shop'", patience);
  await page.getByRole('button', { name: 'Roll back Version 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await expect(page.getByRole('row', { name: /back to version 1/ })).toContainText('3 newest', patience);
  await expect(page.getByRole('textbox', { name: 'shop.spec.ts' })).toContainText("'Open'", patience);

  await lookAsViewer(page, world, customerId);

  const told = await world.context.customers.use(customerId, async (db) => ({
    runs: await db('runs').count({ n: '*' }).first(),
    actions: await db('audit').where('action', 'like', 'script-%').orderBy('id').pluck('action'),
  }));
  assert.equal(Number(told.runs?.n), 0, 'a trial is in no figure');
  const published = 'script-published';
  assert.deepEqual(told.actions, ['script-tried', published, published, published, 'script-rolled-back']);
  assert.deepEqual(forbidden, []);
}

/** Whoever may only read sees the texts and what differs, and nothing that would be refused. */
async function lookAsViewer(author: Page, world: World, customerId: CustomerId): Promise<void> {
  const { password } = await addUser(world.context, { name: 'vic', role: 'viewer', customerId });
  const page = await (await author.context().browser()?.newContext())?.newPage();
  assert.ok(page);
  const scripts = `${world.server.url}/c/${customerId}/scripts`;
  await page.goto(scripts);
  await page.getByLabel('Name').fill('vic');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'shop.spec.ts' }).click(patience);
  await expect(page.getByRole('button', { name: 'Compare Version 1' })).toBeVisible(patience);
  for (const name of ['Edit', 'New script', 'Make a monitor of it'])
    await expect(page.getByRole('link', { name })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /Roll back/ })).toHaveCount(0);
  await page.getByRole('link', { name: 'Scripts' }).first().click();
  await expect(page.getByRole('row', { name: /shop\.spec\.ts/ })).toBeVisible(patience);
  await expect(page.getByRole('link', { name: 'New script' })).toHaveCount(0);
  for (const address of ['new', 'shop.spec.ts/edit']) {
    await page.goto(`${scripts}/${address}`);
    await expect(page.getByRole('heading', { name: 'Nothing here' })).toBeVisible(patience);
  }
  await page.context().close();
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
