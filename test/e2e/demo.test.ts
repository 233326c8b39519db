import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { expect } from 'playwright/test';
import type { Browser, Page } from 'playwright-core';
import type { DemoState } from '../demo/state.ts';
import { freePorts } from './free-port.ts';
import { openBrowser } from './open-browser.ts';

/* The demo as a newcomer sees it: started as a process, looked at in a real browser, stopped with Ctrl-C. */

const root = resolve(import.meta.dirname, '../..');
const pictures = join(root, 'test/out');
const folder = mkdtempSync(join(tmpdir(), 'vedette-demo-'));
/** What the sentinels run with; in the full run it is the browser that a newcomer has. */
const thrifty = process.env.VEDETTE_LONG ? [] : ['--browser', 'headless-shell'];
const patience = { timeout: 180_000 };
let ports: string[];
let demo: ChildProcess;
let said = '';
let state: DemoState;
let browser: Browser;
let url: string;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  ports = ['--port', String(await freePorts()), '--shop-port', String(await freePorts())];
  demo = startDemo();
  await seen(() => said.includes('Stop with Ctrl-C'));
  state = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')) as DemoState;
  url = `https://127.0.0.1:${state.port}`;
  browser = await openBrowser(state.pin);
});

after(async () => {
  await browser?.close();
  // Not SIGKILL: the demo's own processes would outlive it.
  if (demo?.exitCode === null && demo.kill('SIGINT')) await ended(demo);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('the demo says where it is, who can sign in, what is pinned and how to stop; passwords are kept for the owner alone', () => {
  for (const words of [url, state.pin, ...state.users.map((u) => u.password), 'ca.pem', 'Ctrl-C'])
    assert.ok(said.includes(words), words);
  assert.equal(statSync(join(folder, 'demo.json')).mode & 0o777, 0o600);
});

test('a user signs in and finds the failed Checkout with its error code and screenshot', async () => {
  const { page, close } = await signedIn('aurora');
  await page.getByRole('link', { name: 'Web shop' }).first().click();
  await expect(page.getByRole('heading', { name: 'Web shop' })).toBeVisible();
  await expect(page.getByRole('term').filter({ hasText: 'Availability' })).toBeVisible(patience);
  const runs = page.locator('section[aria-labelledby=runs]');
  await runs
    .getByRole('button', { name: 'Failed' })
    .or(runs.getByText('Failed', { exact: true }))
    .first()
    .click();
  const failed = runs.getByRole('row').filter({ hasText: 'Checkout' }).first();
  await expect(failed).toBeVisible(patience);
  await page.screenshot({ path: join(pictures, 'monitor.png') });
  await failed.getByRole('link').first().click();
  await expect(page.getByText(/HTTP_5XX|ELEMENT_NOT_FOUND|TIMEOUT/).first()).toBeVisible();
  const picture = page.getByRole('img', { name: /when Checkout failed/ });
  await expect(picture).toBeVisible(patience); // it is sent after the run
  const width = () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth);
  await expect.poll(width, patience).toBeGreaterThan(300);
  // Beside it: the same transaction of a run that passed, at this sentinel's place or another.
  const passed = page.getByRole('img', { name: /when Checkout passed/ });
  await expect(passed).toBeVisible(patience);
  await expect
    .poll(() => passed.evaluate((image) => (image as HTMLImageElement).naturalWidth), patience)
    .toBeGreaterThan(300);
  await page.screenshot({ path: join(pictures, 'run.png') });
  await close();
});

test("the other customer's monitor, run and screenshot answer 404 to this user, on the page and in the API", async () => {
  const theirs = await signedIn('borealis');
  const own = `/api/v1/customers/${customerId('Borealis')}`;
  const monitor = (await json<{ monitors: { id: string }[] }>(theirs.page, `${own}/monitors`)).monitors[0]?.id;
  const failed = async () =>
    (
      await json<{ runs: { id: string; screenshot: boolean }[] }>(
        theirs.page,
        `${own}/monitors/${monitor}/runs?outcome=failed`,
      )
    ).runs.find((r) => r.screenshot);
  await expect.poll(failed, patience).toBeTruthy();
  const run = (await failed())?.id;
  const { evidence } = await json<{ evidence: { url: string }[] }>(theirs.page, `${own}/runs/${run}`);
  const addresses = [
    `${own}/monitors`,
    `${own}/monitors/${monitor}`,
    `${own}/monitors/${monitor}/runs`,
    `${own}/runs/${run}`,
    String(evidence[0]?.url),
  ];
  for (const address of addresses) assert.equal(await status(theirs.page, address), 200, address);
  await theirs.close();

  const { page, close } = await signedIn('aurora');
  const inOwn = (address: string) => address.replace(customerId('Borealis'), customerId('Aurora'));
  for (const address of addresses) assert.equal(await status(page, address), 404, address);
  for (const address of addresses.slice(1)) assert.equal(await status(page, inOwn(address)), 404, inOwn(address));
  await page.goto(`${url}/c/${customerId('Borealis')}/runs/${run}`);
  await expect(page.getByText('Nothing here')).toBeVisible();
  await close();
});

test('the operator sees both customers at a glance and enters neither', async () => {
  const { page, close } = await signedIn('operator');
  for (const name of ['Aurora', 'Borealis']) await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
  assert.equal(await status(page, `/api/v1/customers/${customerId('Aurora')}/monitors`), 404);
  await page.screenshot({ path: join(pictures, 'operator.png') });
  await close();
});

test('a second demo on the same ports is refused in a sentence, and the first goes on', async () => {
  const { code, output } = await ended(spawnDemo(['--folder', mkdtempSync(join(tmpdir(), 'vedette-demo-'))]));
  assert.equal(code, 1);
  assert.match(output, /Port \d+ can't be used \(EADDRINUSE\)/);
  assert.equal(demo.exitCode, null);
});

test('Ctrl-C stops every process; the next start has the data and `--once --json` reports it', async () => {
  demo.kill('SIGINT');
  assert.equal((await ended(demo)).code, 0);
  await seen(() => processesOf(folder).length === 0);
  const { code, output } = await ended(spawnDemo(['--folder', folder, '--once', '--json', ...thrifty]));
  assert.equal(code, 0, output);
  const report = JSON.parse(
    output
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith('{')) ?? '',
  ) as {
    customers: {
      name: string;
      screenshots: number;
      monitors: { transactions: { name: string; runs: number; failed: number }[] }[];
    }[];
    console_url: string;
  };
  assert.equal(report.console_url, url);
  assert.deepEqual(
    report.customers.map((c) => c.name),
    ['Aurora', 'Borealis'],
  );
  for (const { screenshots, monitors } of report.customers) {
    const checkout = monitors[0]?.transactions.find((t) => t.name === 'Checkout');
    assert.ok(checkout && checkout.failed > 0 && checkout.runs > checkout.failed);
    assert.ok(screenshots > 0);
  }
  await seen(() => processesOf(folder).length === 0);
});

function startDemo(): ChildProcess {
  const child = spawnDemo(['--folder', folder, ...thrifty]);
  child.stdout?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  child.once('exit', () => {
    said += '\nStop with Ctrl-C: it has ended';
  });
  return child;
}

function spawnDemo(options: string[]): ChildProcess {
  return spawn(process.execPath, ['test/demo/demo.ts', ...ports, ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const code = child.exitCode ?? (await new Promise<number | null>((done) => child.once('close', done)));
  return { code, output };
}

async function signedIn(name: string): Promise<{ page: Page; close(): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(state.users.find((u) => u.name === name)?.password ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: `Account: ${name}` })).toBeVisible(patience);
  return { page, close: () => context.close() };
}

/** Asked by the page itself, with its user's session. */
async function json<T>(page: Page, path: string): Promise<T> {
  return (await page.evaluate(async (address) => (await fetch(address)).json(), path)) as T;
}

function status(page: Page, path: string): Promise<number> {
  return page.evaluate(async (address) => (await fetch(address)).status, path);
}

function customerId(name: string): string {
  return state.customers.find((c) => c.name === name)?.id ?? '';
}

/** Processes whose command line names the folder: the sentinels, their browsers, the server. */
function processesOf(name: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(name) ? [command] : [];
      } catch {
        return []; // it has just ended
      }
    });
}

async function seen(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 120_000 }).toBe(true);
}
