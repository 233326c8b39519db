import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningShop, startShop } from '../../test/apps/shop/shop.ts';
import { until } from '../../test/faults/until.ts';
import { buildRunner, runScript } from '../../test/run-script.ts';
import type { DetailedRunner } from './runner.ts';
import type { Wear } from './warm-browser.ts';

let shop: RunningShop;
before(async () => {
  shop = await startShop({ password: 'correct horse battery' });
});
after(() => shop.close());

const source = `import { test } from '@playwright/test';\ntest('next', async ({ page }) => { await page.goto('/'); });\n`;

test('a browser is renewed after its runs, not before, and each run finds one', async () => {
  assert.equal(await renewals({ runs: 2, bytes: Number.POSITIVE_INFINITY }, 3), 1);
});

test('a browser that keeps more memory than it may when its runs are over is renewed', async () => {
  assert.equal(await renewals({ runs: 100, bytes: 1 }, 2), 1);
});

/** How often the browser was renewed in so many runs, all of which pass. */
async function renewals(wear: Wear, runs: number): Promise<number> {
  const lines: string[] = [];
  await using runner: DetailedRunner = await buildRunner({ wear }, { log: (line) => void lines.push(line) });
  for (let i = 0; i < runs; i++) {
    const { run } = await runScript(runner, { source }, { url: shop.url });
    assert.equal(run.outcome, 'passed', String(run.error?.message));
  }
  return lines.filter((line) => line === 'the browser is renewed').length;
}

test('a browser that no run has needed for a while is let go, and the next run finds another', async () => {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  let idleMs = 1;
  await using runner: DetailedRunner = await buildRunner({}, { log, browserIdleMs: () => idleMs });
  const run = async () => (await runScript(runner, { source }, { url: shop.url })).run.outcome;
  assert.equal(await run(), 'passed');
  await until('the browser is let go', () => lines.includes('the browser is let go: no run has needed it'));
  assert.match(String(runner.browser), /Chrome/, 'which one it was is still known');
  idleMs = 60_000;
  assert.equal(await run(), 'passed');
});
