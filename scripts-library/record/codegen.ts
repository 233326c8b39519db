import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { displayOf } from '../../sentinel/config.ts';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { Failure, Misuse } from '../failure.ts';

/** Opens Playwright's recorder on an address, and gives what it had written when its user closed the browser. */
export async function recorded(url: string, chosen: string | undefined): Promise<string> {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new Misuse(`"${url}" is not a web address: give one like https://shop.example/`);
  if (!displayOf())
    throw new Misuse('There is no screen to show a browser on (DISPLAY is not set): record where you have a desktop.');
  if (process.getuid?.() === 0) throw new Misuse('A browser is not started for root: record as an ordinary user.');
  const browser = findBrowser(process.env, chosen);
  if (browser === undefined)
    throw new Misuse('There is no Chromium, Chrome or Edge here: install one, or name its path with --browser.');
  const folder = mkdtempSync(path.join(tmpdir(), 'vedette-record-'));
  try {
    const output = path.join(folder, 'recording.ts');
    await codegen(['--target', 'playwright-test', '--output', output, url], browser);
    return readIfWritten(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The browser is one of this machine; its path is not a matter of codegen's options. */
async function codegen(args: readonly string[], browser: string): Promise<void> {
  const cli = path.join(path.dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  const env = { ...process.env, PWTEST_CLI_EXECUTABLE_PATH: browser };
  const child = spawn(process.execPath, [cli, 'codegen', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2000);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Failure(`The recorder ended with ${code}: ${words.trim().split('\n').at(-1) ?? ''}`);
}

function readIfWritten(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('Nothing was recorded: use the page before you close the browser.', { cause });
  }
}
