import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { expect } from 'playwright/test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { type DetailedRunner, openRunner } from '../../sentinel/runner/runner.ts';
import type { Unrest } from '../apps/answering-app.ts';
import { runScript } from '../run-script.ts';
import { type AppApart, startAppApart } from './timing/app-apart.ts';

const delays = [0, 100, 300, 500, 800, 1200, 2200];

/** One way to write a transaction: what is clicked in, how its answer is waited for, whether it types first. */
interface Cell {
  app: 'navigation' | 'single-page';
  wait: 'expect' | 'waitFor';
  fields: boolean;
  unrest: Unrest;
}

/** What was reported minus the server's own time, ms; a list for each delay, a value for each round. */
interface Figures {
  response: number[][];
  duration: number[][];
  plain: number[][];
}

const quiet = (app: Cell['app']): Cell[] =>
  (['expect', 'waitFor'] as const).flatMap((wait) =>
    [false, true].map((fields) => ({ app, wait, fields, unrest: 'none' as const })),
  );
const busy: Cell[] = (['clock', 'frames'] as const).flatMap((unrest) =>
  (['expect', 'waitFor'] as const).map((wait) => ({ app: 'single-page', wait, fields: false, unrest })),
);

/** `[--runs N] [--busy] [--browser PATH]`: how far reported times lie over the server's own; the plain library in turn. `--busy` is short: restless pages alone. */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    runs: { type: 'string', default: '5' },
    busy: { type: 'boolean' },
    browser: { type: 'string' },
  } as const;
  const { values } = parseArgs({ args, options });
  const cells = [...(values.busy ? [] : [...quiet('single-page'), ...quiet('navigation')]), ...busy];
  const path = values.browser ?? headlessShell();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'));
  const figures = new Map(cells.map((cell) => [cell, emptyFigures()]));
  const runner = await openRunner({
    folder,
    libraries: join(folder, 'libraries'),
    browser: path,
    allowRoot: true,
    log: () => {},
  });
  const plain = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    using app = await startAppApart();
    const sides = async (cell: Cell, into: Figures, of: readonly number[]) => {
      await reported(runner, app, cell, into, of);
      await measured(plain, app, cell, into, of);
    };
    for (const cell of cells) await sides(cell, emptyFigures(), [0]); // warm
    for (let round = 0; round < Number(values.runs); round++)
      for (const [cell, kept] of figures) await sides(cell, kept, delays);
  } finally {
    await plain.close();
    await runner[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
  print(figures);
  console.log(`browser ${path}, sandbox level ${runner.sandboxLevel}`);
  const of = (which: (cell: Cell) => boolean, what: keyof Figures) =>
    [...figures].filter(([cell]) => which(cell)).map(([, kept]) => kept[what].map(median));
  const isBusy = ({ unrest }: Cell) => unrest !== 'none';
  const isSpa = (cell: Cell) => cell.app === 'single-page' && !isBusy(cell);
  const restless = { busy_response_worst_ms: worst(of(isBusy, 'response')), runs: Number(values.runs) };
  if (values.busy) return restless;
  return {
    spa_response_worst_ms: worst(of(isSpa, 'response')),
    nav_response_worst_ms: worst(of(({ app }) => app === 'navigation', 'response')),
    spread_over_delays_ms: worst([of(isSpa, 'response').map((medians) => Math.max(...medians) - Math.min(...medians))]),
    spa_duration_worst_ms: worst(of(isSpa, 'duration')),
    plain_library_worst_ms: worst(of((cell) => !isBusy(cell), 'plain')),
    ...restless,
  };
}

/** The thrifty build, or else the browser there is, and says so. */
function headlessShell(): string {
  const path = findBrowser(process.env, 'headless-shell') ?? findBrowser(process.env);
  if (path === undefined) throw new Error('no browser was found');
  if (!path.includes('shell')) console.log(`There is no chromium-headless-shell here: measured with ${path}.`);
  return path;
}

const emptyFigures = (): Figures => ({
  response: delays.map(() => []),
  duration: delays.map(() => []),
  plain: delays.map(() => []),
});

async function reported(
  runner: DetailedRunner,
  app: AppApart,
  cell: Cell,
  into: Figures,
  of: readonly number[],
): Promise<void> {
  const { run } = await runScript(runner, { source: scriptOf(cell, of) }, { url: app.url });
  if (run.outcome !== 'passed') throw new Error(`the run went wrong: ${run.error?.message}`);
  const answers = run.transactions.filter(({ name }) => name.startsWith('Answer'));
  for (const [i, server] of (await app.takeTimes()).entries()) {
    into.response[i]?.push((answers[i]?.responseUs ?? Number.NaN) / 1000 - server);
    into.duration[i]?.push((answers[i]?.durationUs ?? Number.NaN) / 1000 - server);
  }
}

function scriptOf({ app, wait, fields, unrest }: Cell, of: readonly number[]): string {
  const waits = {
    expect: `await expect(page.getByRole('heading', { name: 'Done' })).toBeVisible();`,
    waitFor: `await page.getByRole('heading', { name: 'Done' }).waitFor();`,
  };
  const fill = `await page.getByLabel('User').fill('demo');
      await page.getByLabel('Password').fill('correct horse');`;
  return `import { test, expect } from '@playwright/test';
test('Timing', async ({ page }) => {
  for (const delay of ${JSON.stringify(of)}) {
    await test.step('Open', async () => { await page.goto('/${app}?unrest=${unrest}&delay=' + delay); });
    await test.step('Answer', async () => {
      ${fields ? fill : ''}
      await page.getByRole('button', { name: 'Go' }).click();
      ${waits[wait]}
    });
  }
});`;
}

async function measured(
  browser: Browser,
  app: AppApart,
  cell: Cell,
  into: Figures,
  of: readonly number[],
): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const [i, delay] of of.entries()) {
    await page.goto(`${app.url}/${cell.app}?unrest=${cell.unrest}&delay=${delay}`);
    const began = performance.now();
    await answer(page, cell);
    const took = performance.now() - began;
    into.plain[i]?.push(took - ((await app.takeTimes())[0] ?? Number.NaN));
  }
  await context.close();
}

async function answer(page: Page, { wait, fields }: Cell): Promise<void> {
  if (fields) {
    await page.getByLabel('User').fill('demo');
    await page.getByLabel('Password').fill('correct horse');
  }
  await page.getByRole('button', { name: 'Go' }).click();
  const heading = page.getByRole('heading', { name: 'Done' });
  if (wait === 'expect') await expect(heading).toBeVisible();
  else await heading.waitFor();
}

function print(figures: Map<Cell, Figures>): void {
  for (const [{ app, wait, fields, unrest }, kept] of figures) {
    console.log(`${app}, ${wait}${fields ? ', fields typed' : ''}${unrest === 'none' ? '' : `, restless: ${unrest}`}`);
    for (const what of ['response', 'duration', 'plain'] as const)
      console.log(`  ${what.padEnd(9)}`, kept[what].map((list) => median(list).toFixed(1).padStart(7)).join(''));
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function worst(medians: readonly number[][]): number {
  return Math.round(Math.max(...medians.flat()) * 10) / 10;
}
