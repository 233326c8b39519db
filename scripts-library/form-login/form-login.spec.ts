import { expect, type Page, test } from '@playwright/test';

const { START = './', USER_LABEL = 'User', PASSWORD_LABEL = 'Password', SIGN_IN = 'Sign in' } = process.env;
const { WELCOME = 'Welcome', LOGIN_USER = '', LOGIN_PASSWORD = '' } = process.env;

test.use({ actionTimeout: 5_000 });

test('Form login', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto(START);
    await expect(field(page, PASSWORD_LABEL)).toBeVisible();
  });

  await test.step('Login', async () => {
    await field(page, USER_LABEL).fill(LOGIN_USER);
    await field(page, PASSWORD_LABEL).fill(LOGIN_PASSWORD);
    await page.getByRole('button', { name: SIGN_IN, exact: true }).click();
    await expect(page.getByRole('heading', { name: WELCOME }).first()).toBeVisible();
  });
});

/** By its label, or where it has none by css=SELECTOR. */
function field(page: Page, name: string) {
  return name.startsWith('css=') ? page.locator(name) : page.getByLabel(name, { exact: true });
}
