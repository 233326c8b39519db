import { expect, test } from '@playwright/test';

const { START = './', WELCOME = 'Welcome', LOGIN_USER = '', LOGIN_PASSWORD = '' } = process.env;

test.use({ httpCredentials: { username: LOGIN_USER, password: LOGIN_PASSWORD } });

test('Basic authentication', async ({ page }) => {
  await test.step('Open', async () => {
    const answer = await page.goto(START);
    expect(answer?.status(), 'the server takes name and password').toBeLessThan(400);
    await expect(page.getByRole('heading', { name: WELCOME }).first()).toBeVisible();
  });
});
