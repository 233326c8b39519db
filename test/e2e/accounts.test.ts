import assert from 'node:assert/strict';
import { test } from 'node:test';
import { URI } from 'otpauth';
import { expect } from 'playwright/test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { addUser } from '../../server/accounts/users.ts';
import { buildWorld, type World } from '../../server/build-world.ts';

/*
 * An administrator signs in for the first time where a second factor is required, sets it up, signs in with it, changes
 * the password, and invites a colleague, who chooses one. Keys alone where a person would type.
 */

const patience = { timeout: 60_000 };
const chosen = 'violet kettle runs north';
const another = 'seven copper owls at dusk';

test('an administrator is led to a second factor, signs in with it, changes the password and invites a colleague', async () => {
  await using world = await buildWorld({ settings: { secondFactor: 'required' } });
  const customerId = await world.addCustomer('Acme');
  const { password } = await addUser(world.context, { name: 'ada', role: 'admin', customerId });
  await using browser = await openBrowser(world);
  const page = await browser.newPage();
  await page.goto(world.server.url);
  await signIn(page, 'ada', password);

  await expect(page.getByRole('heading', { name: 'Set up a second factor' })).toBeVisible(patience);
  await page.getByLabel('Present password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  const secret = await page.getByRole('code').textContent(patience);
  await expect(page.getByAltText('QR code for an authenticator app')).toBeVisible();
  const codeNow = codesOf(world, secret ?? '');
  await page.keyboard.type(codeNow()); // the cursor is where one types first
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Keep your recovery codes' })).toBeVisible(patience);
  assert.equal(await page.getByRole('listitem').count(), 10);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Account: ada' })).toBeVisible(patience);

  await leave(page);
  world.advance(30_000); // a code is good once
  await page.evaluate(() => localStorage.clear()); // as in a browser that has never seen ada
  await page.reload();
  await signIn(page, 'ada', password);
  await expect(page.getByRole('alert')).toContainText('If you use a second factor, enter its code', patience);
  await page.keyboard.type(codeNow());
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Account: ada' }).click(patience);
  await page.getByRole('menuitem', { name: 'Account' }).click();

  await page.getByLabel('Present password', { exact: true }).fill(password);
  await page.getByLabel('New password', { exact: true }).fill('Acme in Utrecht 2026');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('holds "Acme"', patience);
  await page.getByLabel('New password', { exact: true }).fill(chosen);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toContainText('The password is changed', patience);

  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByRole('button', { name: 'Add a user' }).click(patience);
  await page.keyboard.type('dora');
  await page.getByLabel('Role').selectOption({ label: 'Administrator: also sentinels and users' });
  await page.getByLabel('Present password').fill(chosen);
  world.advance(30_000);
  await page.getByLabel('Code').fill(codeNow());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Hand this to dora' })).toBeVisible(patience);
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByRole('button', { name: 'Add a user' }).click();
  await page.keyboard.type('carol');
  await page.keyboard.press('Enter');
  const link = await page.getByRole('group', { name: 'Hand this to carol' }).getByRole('code').textContent(patience);
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await expect(page.getByRole('row', { name: /carol/ })).toContainText('Invited');

  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(link ?? '');
  await expect(elsewhere.getByText('Name: carol')).toBeVisible(patience);
  await elsewhere.getByLabel('New password', { exact: true }).fill(another);
  await elsewhere.keyboard.press('Enter');
  await expect(elsewhere.getByText('The password is set. Sign in with it.')).toBeVisible(patience);
  await signIn(elsewhere, 'carol', another);
  await expect(elsewhere.getByRole('button', { name: 'Account: carol' })).toBeVisible(patience);

  await expect(page.getByRole('row', { name: /ada/ }).getByRole('link', { name: 'Account' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Actions for ada' })).toBeHidden();
  const act = async (action: string) => {
    await page.getByRole('button', { name: 'Actions for carol' }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  await act('Make a link');
  await page.getByLabel('Code').fill(codeNow());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Fill in your own present password', patience);
  await page.getByLabel('Present password').fill(chosen);
  world.advance(30_000);
  await page.getByLabel('Code').fill(codeNow());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Hand this to carol' })).toBeVisible(patience);
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await act('Disable');
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByRole('row', { name: /carol/ })).toContainText('Disabled', patience);
  await elsewhere.reload();
  await expect(elsewhere.getByRole('heading', { name: 'Sign in' })).toBeVisible(patience);
});

async function openBrowser(world: World): Promise<Browser & AsyncDisposable> {
  const [pin] = world.context.authority.pins;
  const args = ['--no-sandbox', '--disable-gpu', `--ignore-certificate-errors-spki-list=${pin}`];
  return chromium.launch({ executablePath: findBrowser(process.env) ?? '', args });
}

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
}

async function leave(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account: ada' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible(patience);
}

/** What the app shows at the server's time. */
function codesOf({ context }: World, secret: string): () => string {
  const totp = URI.parse(`otpauth://totp/Vedette:ada?issuer=Vedette&secret=${secret.replaceAll(' ', '')}`);
  return () => totp.generate({ timestamp: context.now() } as never);
}
