import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { processesNaming } from '../faults/processes.ts';
import { until } from '../faults/until.ts';
import { asOrdinaryUser, checkout, isRoot, nobody, seen } from '../ordinary-user.ts';
import { freePorts } from './free-port.ts';

/* Somebody who has never written code: at a terminal and a screen of their own, with mouse and keyboard. */

export interface Recorded {
  code: number | null;
  /** All that the terminal showed. */
  told: string;
}

/**
 * Records in `folder` how somebody signs in at the shop at `url`, then answers each question of the terminal, in order: what
 * it is known by, and what is typed.
 */
export async function recordLogin(
  url: string,
  { folder, name, password }: { folder: string; name: string; password: string },
  answers: readonly (readonly [question: RegExp, typed: string])[],
): Promise<Recorded> {
  if (isRoot) chownSync(folder, nobody, nobody);
  const port = await freePorts();
  const [program, args] = asOrdinaryUser(onTerminalAndScreen(url, name, browserWithPort(folder, port)));
  const env = { ...process.env, HOME: folder, TMPDIR: folder, CI: '' };
  const recorder = spawn(program, args, { cwd: folder, env });
  let told = '';
  for (const stream of [recorder.stdout, recorder.stderr]) stream.on('data', (text) => (told += text));
  const ended = once(recorder, 'close');
  const shown = () => stripVTControlCharacters(told);
  const tell = () => shown();
  try {
    await clickThrough(port, password, tell);
    let seen = 0;
    for (const [question, typed] of answers) {
      const isAsked = () => question.test(shown().slice(seen)) || recorder.exitCode !== null;
      await until(`it asks ${question}`, isAsked, { tell });
      seen = shown().length;
      recorder.stdin.write(`${typed}\r`);
    }
    const [code] = await ended;
    return { code, told: shown() };
  } finally {
    recorder.kill();
    for (const pid of processesNaming(folder)) process.kill(pid, 'SIGKILL');
    await ended;
  }
}

/** Chromium that a test can take hold of: what a script sets by itself would not be recorded. */
function browserWithPort(folder: string, port: number): string {
  const file = join(folder, 'browser');
  const chromium = findBrowser(process.env, 'chromium');
  writeFileSync(file, `#!/bin/sh\nexec ${chromium} --remote-debugging-port=${port} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

/** `script` is the terminal, `xvfb-run` the screen. */
function onTerminalAndScreen(url: string, name: string, browser: string): string[] {
  const vedette = [process.execPath, join(checkout, 'bin/vedette.js'), 'record', url, '--name', name];
  const all = ['xvfb-run', '--auto-servernum', ...vedette, '--browser', browser];
  return ['script', '-qefc', all.map((word) => `'${seen(word)}'`).join(' '), '/dev/null'];
}

async function clickThrough(port: number, password: string, tell: () => string): Promise<void> {
  const address = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(address).then(
      () => true,
      () => false,
    );
  await until('the browser is there', answers, { tell });
  const other = await chromium.connectOverCDP(address);
  const pages = () => other.contexts().flatMap((context) => context.pages());
  const shop = () => pages().find((page) => page.url().startsWith('http://127.0.0.1'));
  await until('the page is open', () => shop() !== undefined, { tell });
  const page = shop();
  if (!page) throw new Error('the page was closed');
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
