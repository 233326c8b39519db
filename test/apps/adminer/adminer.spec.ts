import { expect, test } from '@playwright/test';

test('Adminer', async ({ page }) => {
  const heading = page.getByRole('heading', { level: 2 });

  await test.step('Open', async () => {
    await page.goto('/');
    await expect(heading).toHaveText('Login');
  });

  await test.step('Log in', async () => {
    await page.locator('[name="auth[server]"]').fill(process.env.ADMINER_SERVER ?? '');
    await page.locator('[name="auth[username]"]').fill('reader');
    await page.locator('[name="auth[password]"]').fill(process.env.ADMINER_PASSWORD ?? '');
    await page.locator('[name="auth[db]"]').fill('library');
    await page.getByRole('button', { name: 'Login' }).click();
    await expect(heading).toHaveText('Database: library');
  });

  await test.step('Open a table', async () => {
    await page.getByRole('link', { name: 'Show structure' }).or(page.locator('#Table-books')).first().click();
    await expect(heading).toHaveText('Table: books');
    await page.getByRole('link', { name: 'Select data' }).click();
    await expect(page.locator('#table')).toContainText('The Outpost');
  });

  await test.step('Log out', async () => {
    await page.getByRole('button', { name: 'Logout' }).click();
    await expect(heading).toHaveText('Login');
  });
});
