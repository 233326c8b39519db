import { expect, test } from '@playwright/test';

const { START = './', SEARCH_LABEL = 'Search', QUESTION = '', RESULT = '', HEADING = RESULT } = process.env;

test.use({ actionTimeout: 5_000 });

test('Search and open', async ({ page }) => {
  const search = page
    .getByRole('searchbox', { name: SEARCH_LABEL })
    .or(page.getByLabel(SEARCH_LABEL, { exact: true }))
    .first();

  await test.step('Open', async () => {
    await page.goto(START);
    await expect(search).toBeVisible();
  });

  await test.step('Search', async () => {
    await search.fill(QUESTION);
    await search.press('Enter');
    await expect(page.getByRole('link', { name: RESULT }).first()).toBeVisible();
  });

  await test.step('Open a result', async () => {
    await page.getByRole('link', { name: RESULT }).first().click();
    await expect(page.getByRole('heading', { name: HEADING }).first()).toBeVisible();
  });
});
