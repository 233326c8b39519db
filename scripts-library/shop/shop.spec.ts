import { expect, test } from '@playwright/test';

test.use({ actionTimeout: 5_000, navigationTimeout: 5_000 });

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

  await test.step('Search', async () => {
    await page.getByRole('searchbox', { name: 'Search' }).fill('sencha');
    await page.getByRole('searchbox', { name: 'Search' }).press('Enter');
    await expect(page.getByRole('heading', { name: 'Results for' })).toBeVisible();
  });

  await test.step('Checkout', async () => {
    await page.getByRole('button', { name: 'Add Sencha to basket' }).click();
    await page.getByRole('link', { name: 'Checkout' }).click();
    await page.getByRole('button', { name: 'Place order' }).click();
    await expect(page.getByRole('heading', { name: 'Thank you for your order' })).toBeVisible();
  });

  await test.step('Logout', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  });
});
