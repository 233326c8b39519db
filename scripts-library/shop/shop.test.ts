import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type RunningShop, startShop } from '../../test/apps/shop/shop.ts';
import { faultKinds } from '../../test/apps/shop/switches.ts';
import { thriftyBrowser } from '../../test/thrifty-browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const password = 'correct horse';

test('the script passes unchanged under Playwright Test, and the shop took one order', async () => {
  await using shop = await startShop({ password });
  const { code, steps, errors } = await playwrightTest(shop);
  assert.equal(code, 0, errors);
  assert.deepEqual(steps, ['Open', 'Login', 'Search', 'Checkout', 'Logout']);
  const { logins, searches, checkoutsFinished, signOuts } = shop.truth();
  assert.deepEqual(
    { logins, searches, checkoutsFinished, signOuts },
    { logins: 1, searches: 1, checkoutsFinished: 1, signOuts: 1 },
  );
});

// At the same time, since most of theirs is waiting.
describe('the script against a shop that is broken', { concurrency: true }, () => {
  for (const kind of faultKinds) {
    test(`a checkout that meets ${kind} fails with a time-out of 5 seconds`, async () => {
      await using shop = await startShop({ password, faults: [{ page: 'checkout', kind, everyNth: 1 }] });
      const { code, steps, errors } = await playwrightTest(shop);
      assert.equal(code, 1, errors);
      assert.equal(steps.at(-1), 'Checkout');
      assert.match(errors, kind === 'hang' ? /Timeout 5000ms exceeded/ : /Timeout 5000ms exceeded.*Place order/);
      assert.equal(shop.truth().checkoutsFinished, 0);
    });
  }
});

/** Runs the script with plain Playwright Test: its exit code, its steps and its errors. */
async function playwrightTest(shop: RunningShop) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shop-spec-'));
  const report = path.join(folder, 'report.json');
  const cli = ['node_modules/@playwright/test/cli.js', 'test', '--config', 'scripts-library', '--reporter', 'json'];
  const used = { BROWSER: thriftyBrowser, BASE_URL: shop.url, SHOP_PASSWORD: password };
  const env = { ...process.env, ...used, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
  const program = spawn(process.execPath, [...cli, '--output', folder, 'shop.spec.ts'], {
    cwd: root,
    stdio: 'ignore',
    env,
  });
  const [code] = await once(program, 'exit');
  const { steps, errors } = JSON.parse(fs.readFileSync(report, 'utf8')).suites[0].specs[0].tests[0].results[0];
  const titles: string[] = steps.map((step: { title: string }) => step.title);
  return { code, steps: titles, errors: JSON.stringify(errors) };
}
