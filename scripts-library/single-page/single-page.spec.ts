import { expect, test } from '@playwright/test';

const { START = './', READY = 'Overview', LINK = 'Details', SHOWN = 'Details' } = process.env;

test.use({ actionTimeout: 5_000 });

test('Single-page application', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto(START);
    await expect(page.getByText(READY).first()).toBeVisible({ timeout: 15_000 }); // the first start loads all code
  });

  // The page must stay the one that it is: an application that loads itself anew is no single page.
  await page.evaluate(() => void Object.assign(window, { isSamePage: true }));

  await test.step('Open a view', async () => {
    await page
      .getByRole('link', { name: LINK })
      .or(page.getByRole('button', { name: LINK }))
      .or(page.getByText(LINK, { exact: true }))
      .first()
      .click();
    await expect(page.getByText(SHOWN).last()).toBeVisible();
    expect(await page.evaluate(() => 'isSamePage' in window), 'the page was not loaded anew').toBe(true);
  });
});
