import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { startShop } from '../apps/shop/shop.ts';
import { processesNaming } from '../faults/processes.ts';
import { until } from '../faults/until.ts';
import { asOrdinaryUser, checkout, isRoot, nobody } from '../ordinary-user.ts';
import { buildRunner, runScript } from '../run-script.ts';
import { thriftyBrowser } from '../thrifty-browser.ts';
import { freePorts } from './free-port.ts';

/* Somebody records a login on a screen of their own: Playwright's recorder in Debian's Chromium, under xvfb. */

const password = 'correct horse';

test('a login that somebody clicks through becomes a script that passes, with the password kept out of it', async () => {
  await using shop = await startShop({ password });
  const folder = mkdtempSync(join(tmpdir(), 'vedette-record-'));
  if (isRoot) chownSync(folder, nobody, nobody);
  const port = await freePorts();
  const browser = join(folder, 'browser');
  writeFileSync(
    browser,
    `#!/bin/sh\nexec ${findBrowser(process.env, 'chromium')} --remote-debugging-port=${port} "$@"\n`,
  );
  chmodSync(browser, 0o755);
  const [program, args] = asOrdinaryUser([
    ...['xvfb-run', '--auto-servernum', process.execPath, join(checkout, 'bin/vedette.js'), 'record', `${shop.url}/`],
    ...['--name', 'Shop login', '--yes', '--browser', browser],
  ]);
  const env = { ...process.env, HOME: folder, TMPDIR: folder };
  const recorder = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [recorder.stdout, recorder.stderr]) stream.on('data', (text) => (told += text));
  const ended = once(recorder, 'close');
  try {
    await clickThrough(port, () => told);
    const [code] = await ended;
    assert.equal(code, 0, told);
    assert.match(told, /Written: shop-login\.spec\.ts, \.env, vedette\.config\.ts\. Transactions: Open, Sign in/);
    const script = readFileSync(join(folder, 'shop-login.spec.ts'), 'utf8');
    assert.ok(!script.includes(password), script);
    assert.equal(readFileSync(join(folder, '.env'), 'utf8'), `PASSWORD="${password}"\n`);
    assert.equal(statSync(join(folder, '.env')).mode & 0o777, 0o600);
    await using runner = await buildRunner(undefined, { browser: thriftyBrowser });
    const { run } = await runScript(
      runner,
      { source: script },
      { url: `${shop.url}/`, secrets: { PASSWORD: password } },
    );
    assert.equal(run.outcome, 'passed', `${run.error?.message}\n${script}`);
  } finally {
    recorder.kill();
    for (const pid of processesNaming(folder)) process.kill(pid, 'SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** With mouse and keyboard, as a person does: what a script sets by itself is not recorded. */
async function clickThrough(port: number, told: () => string): Promise<void> {
  const address = `http://127.0.0.1:${port}`;
  await until(`the browser is there: ${told()}`, () =>
    fetch(address).then(
      () => true,
      () => false,
    ),
  );
  const other = await chromium.connectOverCDP(address);
  const pages = () => other.contexts().flatMap((context) => context.pages());
  await until('the page is open', () => pages().some((page) => page.url().startsWith('http://127.0.0.1')));
  const page = pages().find((one) => one.url().startsWith('http://127.0.0.1')) ?? assert.fail();
  await type(page, 'User', 'demo');
  await type(page, 'Password', password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  await (await other.newBrowserCDPSession()).send('Browser.close').catch(() => {}); // it answers no more
}

async function type(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label).click();
  await page.keyboard.type(text, { delay: 20 });
}
