import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { startShop } from '../../../test/apps/shop/shop.ts';
import { runScript } from '../../../test/run-script.ts';
import { openRunner } from '../runner.ts';
import { browserKinds, findBrowser } from './browser.ts';

function buildMachine(...files: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'vedette-machine-'));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  const env = { PATH: join(root, 'bin'), HOME: join(root, 'home') };
  const found = (chosen?: string) => findBrowser(env, chosen)?.replace(`${root}/`, '');
  return { found, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

const shell = 'bin/chromium-headless-shell';
const downloads = 'home/.cache/ms-playwright';

test('the browser is the one that users have, unless another was chosen', () => {
  using machine = buildMachine('bin/chromium', 'bin/microsoft-edge', shell);
  assert.equal(machine.found(), 'bin/chromium');
  assert.equal(machine.found('msedge'), 'bin/microsoft-edge');
  assert.equal(machine.found('headless-shell'), shell);
  assert.equal(machine.found('/opt/own/browser'), '/opt/own/browser');
});

test('a kind that was chosen and is not there is not replaced by another', () => {
  using machine = buildMachine('bin/chromium');
  assert.equal(machine.found('headless-shell'), undefined);
});

test("the newest of Playwright's downloads is found where no browser is installed", () => {
  using machine = buildMachine(
    `${downloads}/chromium-1200/chrome-linux/chrome`,
    `${downloads}/chromium-1234/chrome-linux/chrome`,
    `${downloads}/chromium_headless_shell-1234/chrome-linux/headless_shell`,
  );
  assert.equal(machine.found(), `${downloads}/chromium-1234/chrome-linux/chrome`);
  assert.equal(
    machine.found('headless-shell'),
    `${downloads}/chromium_headless_shell-1234/chrome-linux/headless_shell`,
  );
});

for (const kind of browserKinds.filter((kind) => findBrowser(process.env, kind) !== undefined)) {
  test(`a run on ${kind} says that it was ${kind === 'headless-shell' ? 'the headless shell' : 'a whole browser'}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-kind-'));
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const shop = stack.use(await startShop({ password: 'correct horse battery' }));
    const runner = stack.use(await openRunner({ folder, allowRoot: true, browser: kind, log: () => {} }));
    const source = `import { test } from '@playwright/test';\ntest('home', async ({ page }) => { await page.goto('/'); });\n`;
    const { run } = await runScript(runner, { source }, { url: shop.url });
    assert.equal(run.outcome, 'passed', String(run.error?.message));
    assert.match(run.browser ?? '', kind === 'headless-shell' ? /^HeadlessChrome\/\d/ : /^(Chrome|Edg)\/\d/);
  });
}
