import { expect, journey, step } from '@elastic/synthetics';

journey('Web shop', ({ page }) => {
  step('Open', async () => {
    await page.goto(process.env.SHOP_URL);
  });
  step('Login', async () => {
    await page.getByLabel('User').fill('demo');
    await page.getByLabel('Password').fill(process.env.SHOP_PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  });
  step('Orders', async () => {
    await page.getByRole('link', { name: 'Basket' }).click();
    await expect(page.getByRole('heading', { name: 'Your basket' })).toBeVisible();
  });
});
