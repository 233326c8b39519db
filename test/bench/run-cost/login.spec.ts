import { expect, test } from '@playwright/test';

test('Web shop', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto('/');
  });
  await test.step('Login', async () => {
    await page.getByLabel('User').fill('demo');
    await page.getByLabel('Password').fill(process.env.SHOP_PASSWORD ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  });
  await test.step('Orders', async () => {
    await page.getByRole('link', { name: 'Basket' }).click();
    await expect(page.getByRole('heading', { name: 'Your basket' })).toBeVisible();
  });
});
