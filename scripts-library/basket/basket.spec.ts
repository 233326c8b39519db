import { expect, test } from '@playwright/test';

const {
  START = './',
  ADD = 'Add to basket',
  BASKET = 'Basket',
  PRODUCT = '',
  REMOVE = 'Remove',
  EMPTY = 'is empty',
} = process.env;

test.use({ actionTimeout: 5_000 });

test('Shopping basket', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto(START);
    await expect(page.getByRole('button', { name: ADD }).first()).toBeVisible();
  });

  await test.step('Add to basket', async () => {
    await page.getByRole('button', { name: ADD }).first().click();
    await page.getByRole('link', { name: BASKET }).first().click();
    await expect(page.getByText(PRODUCT).first()).toBeVisible();
  });

  // Nothing is ordered, and the basket is left as it was found.
  await test.step('Empty the basket', async () => {
    await page.getByRole('button', { name: REMOVE }).first().click();
    await expect(page.getByText(EMPTY).first()).toBeVisible();
  });
});
