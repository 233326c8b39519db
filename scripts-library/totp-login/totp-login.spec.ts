import { expect, test } from '@playwright/test';
import { totp } from './totp.ts';

const { START = './', USER_LABEL = 'User', PASSWORD_LABEL = 'Password', SIGN_IN = 'Sign in' } = process.env;
const { CODE_LABEL = 'Code', VERIFY = 'Verify', WELCOME = 'Welcome' } = process.env;
const { LOGIN_USER = '', LOGIN_PASSWORD = '', TOTP_SECRET = '' } = process.env;

test.use({ actionTimeout: 5_000 });

test('Login with a second factor', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto(START);
    await expect(page.getByLabel(PASSWORD_LABEL, { exact: true })).toBeVisible();
  });

  await test.step('Password', async () => {
    await page.getByLabel(USER_LABEL, { exact: true }).fill(LOGIN_USER);
    await page.getByLabel(PASSWORD_LABEL, { exact: true }).fill(LOGIN_PASSWORD);
    await page.getByRole('button', { name: SIGN_IN, exact: true }).click();
    await expect(page.getByLabel(CODE_LABEL, { exact: true })).toBeVisible();
  });

  await test.step('Code', async () => {
    await page.getByLabel(CODE_LABEL, { exact: true }).fill(await totp(TOTP_SECRET));
    await page.getByRole('button', { name: VERIFY, exact: true }).click();
    await expect(page.getByRole('heading', { name: WELCOME }).first()).toBeVisible();
  });
});
