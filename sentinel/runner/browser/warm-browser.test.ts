import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type RunningShop, startShop } from '../../../test/apps/shop/shop.ts';
import { until } from '../../../test/faults/until.ts';
import { buildRunner, runScript } from '../../../test/run-script.ts';
import type { DetailedRunner } from '../runner.ts';
import type { Chromium } from './chromium.ts';
import { type Wear, warmBrowser } from './warm-browser.ts';

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
  const opened: FakeChromium[] = [];
  const open = async () => {
    const browser = new FakeChromium();
    opened.push(browser);
    return browser as unknown as Chromium;
  };
  const browser = warmBrowser(open, (line) => void lines.push(line), { idleMs: () => 1 });
  await browser.get();
  await wait(20);
  assert.equal(opened[0]?.alive, true, 'a run has it');
  browser.rest();
  await until('the browser is let go', () => opened[0]?.alive === false);
  assert.deepEqual(lines, ['the browser is let go: no run has needed it']);
  assert.equal(browser.version, 'FakeChrome/1', 'which one it was is still known');
  await browser.get();
  assert.equal(opened.length, 2);
  await browser.close();
});

class FakeChromium {
  readonly version = 'FakeChrome/1';
  readonly pid = 0;
  alive = true;
  async close(): Promise<void> {
    this.alive = false;
  }
}
