import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRunner } from '../../sentinel/runner/runner.ts';
import { startShop } from '../apps/shop/shop.ts';
import { runScript } from '../run-script.ts';
import { processesNaming } from './processes.ts';
import { until } from './until.ts';

test('a child that ends while the browser still starts ends its run at once, and the next run works', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-child-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const shop = stack.use(await startShop({ password: 'correct horse battery' }));
  const runner = stack.use(await openRunner({ folder, allowRoot: true, log: () => {} }));
  const source = `import { test } from '@playwright/test';\ntest('home', async ({ page }) => { await page.goto('/'); });\n`;
  const timeoutMs = 60_000; // is reached only if nobody notices that the child is gone

  const first = runScript(runner, { source }, { url: shop.url, timeoutMs });
  await until('there is a child', () => processesNaming(join(folder, 'scratch-')).length > 0, { everyMs: 1 });
  for (const pid of processesNaming(join(folder, 'scratch-'))) killIfThere(pid);
  const { run } = await first;
  assert.equal(run.error?.code, 'SENTINEL_SANDBOX', String(run.error?.message));

  const next = await runScript(runner, { source }, { url: shop.url });
  assert.equal(next.run.outcome, 'passed', String(next.run.error?.message));
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it went with the one that was killed before it
  }
}
