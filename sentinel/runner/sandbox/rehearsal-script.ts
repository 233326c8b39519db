import type { Browser, expect as Expect } from 'playwright/test';

/**
 * What scripts do most on pages, done on a page of its own. It reaches no host. Goes to the child as text, so it can use
 * nothing from outside.
 */
export async function rehearseOnPages(browser: Browser, expect: typeof Expect): Promise<void> {
  const content = `<title>Rehearsal</title>
    <form onsubmit="event.preventDefault(); setTimeout(() => document.body.append(document.querySelector('template').content), 50)">
    <label>User <input name="user"></label> <label>Password <input type="password"></label>
    <select aria-label="Size"><option>1</option><option>2</option></select> <button>Sign in</button></form>
    <template><h1>Welcome</h1><a href="#more">More</a></template>`;
  const context = await browser.newContext({ locale: 'en-US', colorScheme: 'light', acceptDownloads: true });
  const page = await context.newPage();
  await page.goto(`data:text/html,${encodeURIComponent(content)}`);
  await page.getByLabel('User').fill('somebody');
  await page.getByLabel('Password').fill('something');
  await page.getByLabel('Size').selectOption('2');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  await page.getByRole('link', { name: 'More' }).click();
  await page.locator('h1').waitFor();
  await expect(page.getByText('Welcome')).toHaveText('Welcome');
  await expect(page).toHaveTitle('Rehearsal');
  await expect(page).toHaveURL(/more/);
  await context.close({ reason: 'Test ended.' });
}
