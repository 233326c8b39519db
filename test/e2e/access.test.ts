import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { expect } from 'playwright/test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { addUser } from '../../server/accounts/users.ts';
import { buildFullCustomer } from '../../server/build-full-customer.ts';
import { buildWorld, type World } from '../../server/build-world.ts';

/* An operator enters a customer and leaves it, its administrator sees that, and makes a token with which curl asks. */

const patience = { timeout: 60_000 };

test('an operator enters a customer for a reason, and its administrator reads so and makes a token', async () => {
  await using world = await buildWorld();
  const { ids } = await buildFullCustomer(world, 'Acme', 'Acme');
  const olga = await addUser(world.context, { name: 'olga', role: 'operator', customerId: null });
  const ada = await addUser(world.context, { name: 'ada', role: 'admin', customerId: ids.customerId });
  await using browser = await openBrowser(world);

  const operator = await signedIn(browser, world, olga, `/c/${ids.customerId}/sentinels`);
  await expect(operator.getByRole('heading', { name: 'You are not inside Acme' })).toBeVisible(patience);
  await operator.getByRole('link', { name: 'Customers', exact: true }).click();
  await operator.getByRole('button', { name: 'Enter… Acme' }).click();
  await operator.keyboard.type('no'); // the cursor is where one types first
  await operator.getByRole('button', { name: 'Enter', exact: true }).click();
  await expect(operator.getByRole('alert')).toContainText('State a reason');
  await operator.getByLabel('Reason').fill('the login fails in Utrecht');
  await operator.getByRole('button', { name: 'Enter', exact: true }).click();
  const banner = operator.getByRole('region', { name: 'You are inside Acme' });
  await expect(banner).toContainText('the login fails in Utrecht', patience);
  await expect(banner).toContainText('Read only');
  await operator.getByRole('link', { name: 'Sentinels' }).click();
  await expect(operator.getByRole('row', { name: /Acme site/ })).toBeVisible(patience);
  await expect(operator.getByRole('button', { name: 'Add a sentinel' })).toBeHidden();
  await operator.reload();
  await expect(operator.getByRole('row', { name: /Acme site/ }), 'a link shows the same').toBeVisible(patience);
  await banner.getByRole('button', { name: 'Leave' }).click();
  await expect(operator.getByRole('button', { name: 'Enter… Acme' })).toBeVisible(patience);
  await expect(banner).toBeHidden();

  const admin = await signedIn(browser, world, ada, `/c/${ids.customerId}/audit`);
  const row = (words: string) => admin.getByRole('row').filter({ hasText: words }).first();
  await expect(row('left the customer')).toContainText('olga', patience);
  await expect(row('All sentinels of the customer')).toContainText('the login fails in Utrecht');
  await admin.getByRole('link', { name: 'Tokens' }).click();
  await admin.getByRole('button', { name: 'Make a token' }).click();
  await admin.keyboard.type('metrics');
  await admin.keyboard.press('Enter');
  const line = await admin.getByRole('group', { name: 'Try it in a shell' }).getByRole('code').textContent(patience);
  assert.match(await asked(world, line ?? ''), /"name":"Acme shop"/);
  await admin.getByRole('button', { name: 'Done' }).click();
  const token = admin.getByRole('row').filter({ hasText: 'metrics' });
  await expect(token).toContainText('from 127.0.0.1', patience);
  await token.getByRole('button', { name: 'Revoke' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(token).toContainText('Revoked', patience);
  assert.match(await asked(world, line ?? ''), /TOKEN_ENDED/);
});

async function openBrowser(world: World): Promise<Browser & AsyncDisposable> {
  const [pin] = world.context.authority.pins;
  const args = ['--no-sandbox', '--disable-gpu', `--ignore-certificate-errors-spki-list=${pin}`];
  return chromium.launch({ executablePath: findBrowser(process.env) ?? '', args });
}

async function signedIn(
  browser: Browser,
  { server }: World,
  who: { name: string; password: string },
  path: string,
): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(server.url + path);
  await page.getByLabel('Name').fill(who.name);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.keyboard.press('Enter');
  return page;
}

/** What the line prints in a shell, beside the authority's certificate. */
async function asked({ context }: World, line: string): Promise<string> {
  writeFileSync(join(context.dataFolder, 'vedette-authority.pem'), context.authority.caPem);
  const { stdout } = await promisify(execFile)('sh', ['-c', `${line} -s`], { cwd: context.dataFolder });
  return stdout;
}
