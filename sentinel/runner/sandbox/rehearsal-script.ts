/** A page of its own, and what scripts do most on pages. It reaches no host. */
export const rehearsalScript = `
const { test, expect } = require('@playwright/test');
const page = 'data:text/html,' + encodeURIComponent(\`<title>Rehearsal</title>
  <form onsubmit="event.preventDefault(); setTimeout(() => document.body.append(document.querySelector('template').content), 50)">
  <label>User <input name="user"></label> <label>Password <input type="password"></label>
  <select aria-label="Size"><option>1</option><option>2</option></select> <button>Sign in</button></form>
  <template><h1>Welcome</h1><a href="#more">More</a></template>\`);
test.describe('Rehearsal', () => {
  test.beforeEach(async ({ page: tab }) => { await tab.goto(page); });
  test('of a run', async ({ page: tab }) => {
    await test.step('Sign in', async () => {
      await tab.getByLabel('User').fill('somebody');
      await tab.getByLabel('Password').fill('something');
      await tab.getByLabel('Size').selectOption('2');
      await tab.getByRole('button', { name: 'Sign in' }).click();
      await expect(tab.getByRole('heading', { name: 'Welcome' })).toBeVisible();
    });
    await test.step('More', async () => {
      await tab.getByRole('link', { name: 'More' }).click();
      await tab.locator('h1').waitFor();
      await expect(tab.getByText('Welcome')).toHaveText('Welcome');
      await expect(tab).toHaveTitle('Rehearsal');
      await expect(tab).toHaveURL(/more/);
    });
  });
});`;
