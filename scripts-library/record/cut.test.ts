import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { check } from '../publish/check.ts';
import { cut, originOf, scriptOf, typedIn } from './cut.ts';
import { envText } from './keep.ts';

const recording = (body: string) => `import { test, expect } from '@playwright/test';

test('test', async ({ page }) => {
${body.replaceAll(/^/gm, '  ')}
});`;

const login = recording(`await page.goto('https://shop.example/sign-in');
await page.getByRole('textbox', { name: 'User' }).click();
await page.getByRole('textbox', { name: 'User' }).fill('demo');
await page.getByRole('textbox', { name: 'User' }).press('Tab');
await page.getByRole('textbox', { name: 'Password' }).fill('it\\'s a secret');
await page.getByRole('button', { name: 'Sign in' }).click();
await expect(page.getByRole('heading')).toContainText('Welcome');
await page.getByRole('searchbox', { name: 'Search' }).click();
await page.getByRole('searchbox', { name: 'Search' }).fill('sencha');
await page.getByRole('searchbox', { name: 'Search' }).press('Enter');
await page.getByRole('link', { name: 'Sencha' }).click();
await expect(page.getByText('Good leaves')).toBeVisible();
await page.getByRole('button', { name: 'Sign out' }).click();`);

test('a recording falls into what the application answers to, each part with what is looked for then', () => {
  const parts = cut(login);
  assert.deepEqual(
    parts.map(({ name, deeds }) => [name, deeds.length]),
    [
      ['Open', 1],
      ['Sign in', 4],
      ['Search', 2],
      ['Sencha', 2],
      ['Sign out', 1],
    ],
  );
  assert.equal(originOf(parts), 'https://shop.example');
});

test('what was typed into a password field becomes a secret, and is in the script no more', () => {
  const parts = cut(login);
  assert.deepEqual(typedIn(parts), [
    { value: 'demo', label: 'User', looksSecret: false },
    { value: "it's a secret", label: 'Password', looksSecret: true },
    { value: 'sencha', label: 'Search', looksSecret: false },
  ]);
  const script = scriptOf({ title: "Bob's shop", parts, secrets: new Map([["it's a secret", 'SHOP_PASSWORD']]) });
  assert.ok(!script.includes('a secret'), script);
  assert.match(script, /\{ name: 'Password' \}\)\.fill\(process\.env\.SHOP_PASSWORD \?\? ''\);/);
  assert.match(script, /test\('Bob\\'s shop'/);
  assert.match(script, /await page\.goto\('\.\/sign-in'\);/);
  assert.match(
    script,
    /test\.step\('Sign in', async \(\) => \{\n {4}await page\.getByRole\('textbox', \{ name: 'User' \}\)\.fill/,
  );
  assert.deepEqual(check('shop.spec.ts', script), []);
});

test('a variable stays within one step, with all that uses it', () => {
  const parts = cut(
    recording(`await page.goto('https://shop.example/');
const page1Promise = page.waitForEvent('popup');
await page.getByRole('link', { name: 'Terms' }).click();
const page1 = await page1Promise;
await page.getByRole('button', { name: 'Agree' }).click();
await page1.getByRole('button', { name: 'Close' }).click();
await page.getByRole('button', { name: 'Order' }).click();`),
  );
  assert.deepEqual(
    parts.map(({ name, deeds }) => [name, deeds.length]),
    [
      ['Open', 1],
      ['Close', 5],
      ['Order', 1],
    ],
  );
  assert.deepEqual(check('shop.spec.ts', scriptOf({ title: 'Shop', parts, secrets: new Map() })), []);
});

test('parts of one name are told apart, a choice in a list is no answer, and nothing recorded is said', () => {
  const parts = cut(
    recording(`await page.goto('https://shop.example/');
await page.getByLabel('Size').selectOption('L');
await page.getByRole('button', { name: 'Add' }).click();
await page.getByRole('button', { name: 'Add' }).click();
await page.getByRole('checkbox', { name: 'Gift' }).check();`),
  );
  assert.deepEqual(
    parts.map(({ name }) => name),
    ['Open', 'Add', 'Add 2', 'Gift'],
  );
  assert.throws(() => cut(recording('')), /Nothing was recorded/);
  assert.throws(() => cut('const a = 1;'), /no recording of Playwright/);
});

test('a secret is written into .env as it is read from there', () => {
  for (const value of ['correct horse', `it's`, 'say "so"', 'C:\\new', '#1 $HOME `x`', `a'b"c\\d`, ' spaced '])
    assert.equal(parseEnv(`PIN=${envText(value)}`).PIN, value);
  assert.throws(() => envText('\'"`'), /can't be written into \.env/);
});
