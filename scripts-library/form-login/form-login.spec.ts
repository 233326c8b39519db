import { expect, test } from '@playwright/test';

const { USER_LABEL = 'User', PASSWORD_LABEL = 'Password', SIGN_IN = 'Sign in', WELCOME = 'Welcome' } = process.env;
const { LOGIN_USER = '', LOGIN_PASSWORD = '' } = process.env;

test.use({ actionTimeout: 5_000, navigationTimeout: 15_000 });

test('Form login', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto('/');
    await expect(page.getByLabel(USER_LABEL, { exact: true })).toBeVisible();
  });

  await test.step('Login', async () => {
    await page.getByLabel(USER_LABEL, { exact: true }).fill(LOGIN_USER);
    await page.getByLabel(PASSWORD_LABEL, { exact: true }).fill(LOGIN_PASSWORD);
    await page.getByRole('button', { name: SIGN_IN, exact: true }).click();
    await expect(page.getByRole('heading', { name: WELCOME }).first()).toBeVisible();
  });
});
