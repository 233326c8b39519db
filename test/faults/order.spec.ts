import { expect, test } from '@playwright/test';

/* A short visit. The order bears a reference that nobody else has, and the transaction is named after it: so order and run can be matched. */

test('Order', async ({ page }) => {
  const reference = crypto.randomUUID();

  await test.step('Open', async () => {
    await page.goto('/');
  });

  await test.step('Login', async () => {
    await page.getByLabel('User').fill('demo');
    await page.getByLabel('Password').fill(process.env.SHOP_PASSWORD ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  });

  await test.step(`Order ${reference}`, async () => {
    await page.getByRole('button', { name: 'Add Sencha to basket' }).click();
    await page.getByRole('link', { name: 'Checkout' }).click();
    await page.getByLabel('Your reference').fill(reference);
    await page.getByRole('button', { name: 'Place order' }).click();
    await expect(page.getByRole('heading', { name: 'Thank you for your order' })).toBeVisible();
  });
});
