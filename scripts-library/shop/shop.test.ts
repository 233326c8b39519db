import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type RunningShop, type ShopOptions, startShop } from '../../test/apps/shop/shop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const password = 'correct horse';

test('the script passes unchanged under Playwright Test, and the shop took one order', async () => {
  await using shop = await startShop({ password });
  const { code, steps, output } = await playwrightTest(shop);
  assert.equal(code, 0, output);
  assert.deepEqual(steps, ['Open', 'Login', 'Search', 'Checkout', 'Logout']);
  const { logins, searches, checkoutsFinished, signOuts } = shop.truth();
  assert.deepEqual(
    { logins, searches, checkoutsFinished, signOuts },
    { logins: 1, searches: 1, checkoutsFinished: 1, signOuts: 1 },
  );
});

const kinds: Record<'http500' | 'brokenElement' | 'hang', RegExp> = {
  http500: /Timeout 5000ms exceeded[\s\S]*Place order/,
  brokenElement: /Timeout 5000ms exceeded[\s\S]*Place order/,
  hang: /Timeout 5000ms exceeded/,
};

for (const [kind, message] of Object.entries(kinds)) {
  test(`a checkout that meets ${kind} fails within 30 seconds, after a time-out of 5`, async () => {
    const faults = [{ page: 'checkout', kind, everyNth: 1 }] as NonNullable<ShopOptions['faults']>;
    await using shop = await startShop({ password, faults });
    const { code, steps, output, durationMs } = await playwrightTest(shop);
    assert.equal(code, 1, output);
    assert.equal(steps.at(-1), 'Checkout');
    assert.match(output, message);
    assert.ok(durationMs < 30_000, `${durationMs} ms`);
    assert.equal(shop.truth().checkoutsFinished, 0);
  });
}

/** Runs the script with plain Playwright Test: its exit code, the names of its steps, and how long the test took. */
async function playwrightTest(shop: RunningShop) {
  const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'shop-spec-')), 'report.json');
  const program = spawn(
    process.execPath,
    [
      'node_modules/@playwright/test/cli.js',
      'test',
      '--config',
      'scripts-library',
      '--reporter',
      'json',
      'shop.spec.ts',
    ],
    {
      cwd: root,
      stdio: 'ignore',
      env: { ...process.env, BASE_URL: shop.url, SHOP_PASSWORD: password, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    },
  );
  const [code] = await once(program, 'exit');
  const output = fs.readFileSync(report, 'utf8');
  const result = JSON.parse(output).suites[0].specs[0].tests[0].results[0];
  const steps = result.steps.map((step: { title: string }) => step.title);
  return { code, steps, output: JSON.stringify(result.errors), durationMs: result.duration };
}
