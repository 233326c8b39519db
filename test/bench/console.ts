import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { type ConsoleWorld, consoleWorld } from '../e2e/console-world.ts';
import { printMonth } from './pdf.ts';

const patience = { timeout: 120_000 };
const slowdown = 4;

/**
 * `[--days N] [--locations N] [--rounds N]`: the page of a monitor over 18 months of 5 transactions at 20 locations, in
 * Chromium whose processor is slowed down four times. Until its largest content is painted and until its chart is there,
 * each time without a cache; until the next paint after zooming in and out, by drag and by key, the slowest; and what
 * JavaScript travels until the overview stands, and until the chart does. Medians of the rounds. `pdf_s` is that of the bench `pdf`.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    days: { type: 'string', default: '549' },
    locations: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
  } as const;
  const { days, locations, rounds } = parseArgs({ args, options }).values;
  const { seconds: pdf_s } = await printMonth();
  await using world = await consoleWorld({ monitors: 1, locations: Number(locations), days: Number(days) });
  const executablePath = findBrowser(process.env) ?? '';
  const [pin] = world.world.context.authority.pins;
  const flags = ['--no-sandbox', '--disable-gpu', `--ignore-certificate-errors-spki-list=${pin}`];
  await using browser = await chromium.launch({ executablePath, args: flags });
  const signedIn = await (await world.open()).context().storageState();
  const seen: Round[] = [];
  for (let i = 0; i < Number(rounds); i++) {
    const context = await browser.newContext({ storageState: signedIn, viewport: { width: 1440, height: 900 } });
    seen.push(await round(await context.newPage(), world));
    await context.close();
  }
  const median = (pick: (one: Round) => number) => seen.map(pick).sort((a, b) => a - b)[seen.length >> 1] ?? 0;
  return {
    monitor_lcp_ms: Math.round(median((one) => one.lcpMs)),
    monitor_chart_ms: Math.round(median((one) => one.chartMs)),
    zoom_inp_ms: Math.round(median((one) => one.inpMs)),
    js_gzip_kb: Math.round(median((one) => one.firstBytes) / 1000),
    js_with_chart_gzip_kb: Math.round(median((one) => one.allBytes) / 1000),
    pdf_s,
  };
}

interface Round {
  lcpMs: number;
  chartMs: number;
  inpMs: number;
  firstBytes: number;
  allBytes: number;
}

async function round(page: Page, { world, customerId, monitorIds }: ConsoleWorld): Promise<Round> {
  await page.addInitScript(watch);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.goto(`${world.server.url}/c/${customerId}`);
  await page.locator('main h1').waitFor(patience);
  const firstBytes = await scriptBytes(page);
  await page.goto(`${world.server.url}/c/${customerId}/monitors/${monitorIds[0]}?period=18mo`);
  // Looked for by what costs the page nothing: to find names as screen readers do would be half of what it measures.
  const chart = page.locator('[role=group]:has(canvas)');
  await chart.waitFor(patience);
  const chartMs = await page.evaluate(() => performance.now());
  await page.waitForLoadState('networkidle');
  const lcpMs = await page.evaluate(() => Math.max(0, ...seen.paints));
  const allBytes = await scriptBytes(page);
  const box = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.evaluate(() => seen.delays.splice(0));
  await page.mouse.move(box.x + box.width * 0.3, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 120, { steps: 8 });
  await page.mouse.up();
  for (const key of ['+', '-', 'Escape', 'Escape']) {
    await page.waitForLoadState('networkidle');
    await page.keyboard.press(key);
  }
  await page.waitForLoadState('networkidle');
  const inpMs = await page.evaluate(
    () => new Promise<number>((told) => requestIdleCallback(() => told(Math.max(0, ...seen.delays)))),
  );
  return { lcpMs, chartMs, inpMs, firstBytes, allBytes };
}

/** As they travelled, packed. */
function scriptBytes(page: Page): Promise<number> {
  return page.evaluate(() => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    return entries.filter(({ name }) => name.endsWith('.js')).reduce((sum, entry) => sum + entry.encodedBodySize, 0);
  });
}

declare const seen: { paints: number[]; delays: number[] };

/** In the page, before anything else: what its browser measures of paints and of what somebody does. */
function watch(): void {
  const found = { paints: [] as number[], delays: [] as number[] };
  Object.assign(globalThis, { seen: found });
  const look = (type: string, add: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({
      type,
      buffered: true,
      durationThreshold: 16,
    } as PerformanceObserverInit);
  look('largest-contentful-paint', ({ startTime }) => found.paints.push(startTime));
  look('event', (entry) => {
    if ((entry as PerformanceEntry & { interactionId: number }).interactionId > 0) found.delays.push(entry.duration);
  });
}
