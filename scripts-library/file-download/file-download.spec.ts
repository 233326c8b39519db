import { expect, test } from '@playwright/test';

const { START = './', DOWNLOAD = 'Download', FILE_NAME = '', BEGINS_WITH = '', LEAST_BYTES = '1' } = process.env;

test.use({ actionTimeout: 5_000 });

test('File download', async ({ page }) => {
  const link = page
    .getByRole('link', { name: DOWNLOAD })
    .or(page.getByRole('button', { name: DOWNLOAD }))
    .first();

  await test.step('Open', async () => {
    await page.goto(START);
    await expect(link).toBeVisible();
  });

  await test.step('Download', async () => {
    const coming = page.waitForEvent('download', { timeout: 15_000 });
    await link.click();
    const download = await coming;
    const parts: Buffer[] = [];
    for await (const part of await download.createReadStream()) parts.push(part);
    const content = Buffer.concat(parts);
    if (FILE_NAME !== '') expect(download.suggestedFilename()).toBe(FILE_NAME);
    expect(content.length, 'bytes of the file').toBeGreaterThanOrEqual(Number(LEAST_BYTES));
    expect(content.subarray(0, BEGINS_WITH.length).toString('latin1'), 'how the file begins').toBe(BEGINS_WITH);
  });
});
