import { expect, test } from '@playwright/test';

const { START = './', LOGIN_LINK = 'Sign in', USER_LABEL = 'User', PASSWORD_LABEL = 'Password' } = process.env;
const { SIGN_IN = 'Continue', WELCOME = 'Welcome', LOGIN_USER = '', LOGIN_PASSWORD = '' } = process.env;

test.use({ actionTimeout: 5_000 });

test('OpenID Connect login', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto(START);
    await expect(
      page.getByRole('link', { name: LOGIN_LINK }).or(page.getByRole('button', { name: LOGIN_LINK })),
    ).toBeVisible();
  });
  const application = new URL(page.url()).origin;

  await test.step('To the provider', async () => {
    await page
      .getByRole('link', { name: LOGIN_LINK })
      .or(page.getByRole('button', { name: LOGIN_LINK }))
      .click();
    await expect(page.getByLabel(PASSWORD_LABEL, { exact: true })).toBeVisible();
  });

  await test.step('Login', async () => {
    await page.getByLabel(USER_LABEL, { exact: true }).fill(LOGIN_USER);
    await page.getByLabel(PASSWORD_LABEL, { exact: true }).fill(LOGIN_PASSWORD);
    await page.getByRole('button', { name: SIGN_IN, exact: true }).click();
    await expect(page.getByRole('heading', { name: WELCOME }).first()).toBeVisible();
    expect(new URL(page.url()).origin, 'the provider sends the browser back').toBe(application);
  });
});
