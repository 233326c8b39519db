import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findBrowser, versionOf } from '../sentinel/runner/browser/browser.ts';
import { sandboxLevel } from '../sentinel/runner/sandbox/sandbox.ts';
import { straceMissing } from './faults/strace.ts';

/*
 * What a checkout needs beside npm packages. Called by setup.js as `test/setup.ts [PART...] -- PROGRAM [ARGUMENT...]`:
 * brings in each part that is missing, says so, then becomes the program.
 */

const root = resolve(import.meta.dirname, '..');
const parts: Record<string, () => Promise<void>> = {
  sandbox,
  browser,
  'headless-shell': headlessShell,
  mariadb,
  adminer,
  strace,
  ip,
  pdftotext,
  age,
  xvfb,
  console: buildConsole,
};

const [names, command] = split(process.argv.slice(2));
for (const name of names) await (parts[name] ?? unknownPart(name))();
if (command[0] !== undefined) {
  process.argv = [process.execPath, resolve(root, command[0]), ...command.slice(1)];
  await import(pathToFileURL(resolve(root, command[0])).href);
} else say('everything is there');

async function sandbox(): Promise<void> {
  if (process.platform !== 'linux' || (await sandboxLevel()) === 3) return;
  const problem = await debian('bubblewrap', 'the sandbox that scripts run in');
  if ((await sandboxLevel()) === 3) return;
  say(
    `no bubblewrap sandbox (${problem ?? 'it is installed, but this system does not let it make namespaces'}). Scripts run behind Node's permission model alone, and every run says so.`,
  );
}

/** A browser found on the machine; else Playwright's own; else Debian's. */
async function browser(): Promise<void> {
  if (await works(findBrowser(process.env))) return;
  say("no browser was found; trying Playwright's own download …");
  const cli = join(root, 'node_modules/playwright/cli.js');
  const download = spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'ignore', timeout: 300_000 });
  if (download.status === 0 && (await works(findBrowser(process.env)))) return;
  const problem = await debian('chromium', "Debian's build of the browser");
  if (await works(findBrowser(process.env))) return;
  stop(
    `There is no browser for the sentinel: Playwright's download is out of reach, and ${problem ?? "Debian's chromium does not start"}. Install Google Chrome, Microsoft Edge or Chromium (for example: apt-get install chromium) and start again.`,
  );
}

/** The thrifty build of the browser, which benchmarks compare with; most tests take it where it is. */
async function headlessShell(): Promise<void> {
  if (await works('chromium-headless-shell')) return;
  const problem = await debian('chromium-headless-shell', 'the thrifty build of the browser');
  if (problem) say(`no headless shell: ${problem}. What compares with it takes the browser that is there.`);
}

/** The other engine of the server, which tests start privately. */
async function mariadb(): Promise<void> {
  if (['/usr/sbin/mariadbd', '/usr/bin/mariadb'].every((file) => existsSync(file))) return;
  const problem = await debian(['mariadb-server-core', 'mariadb-client-core'], 'a database server for tests');
  if (problem) stop(`The tests run on MariaDB too, which could not be set up: ${problem}.`);
}

/** An application of somebody else to monitor; its database is on `mariadb`. */
async function adminer(): Promise<void> {
  await mariadb();
  if (['/usr/share/adminer/adminer.php', '/usr/bin/php'].every((file) => existsSync(file))) return;
  const problem = await debian(['adminer', 'php-cli', 'php-mysql'], 'an application for tests');
  if (problem) stop(`The tests monitor Adminer on MariaDB, which could not be set up: ${problem}.`);
}

/** What ends a process at an exact system call, or makes one fail: tests of what a crash leaves behind. */
async function strace(): Promise<void> {
  if (process.platform !== 'linux' || !straceMissing()) return;
  const problem = await debian('strace', 'which ends a process at an exact system call, for tests');
  const missing = straceMissing();
  if (missing) say(`${problem ?? missing}. Tests that take strace will fail.`);
}

/** What sets up a network that leads nowhere: the test that a sentinel reaches nothing else. */
async function ip(): Promise<void> {
  if (process.platform !== 'linux' || spawnSync('ip', ['-V']).status === 0) return;
  const problem = await debian('iproute2', 'which sets up networks that lead nowhere, for tests');
  if (problem) say(`${problem}. The test of what a sentinel reaches will fail.`);
}

/** What reads a PDF: the test that paper says the same as the page. */
async function pdftotext(): Promise<void> {
  if (spawnSync('pdftotext', ['-v']).status === 0) return;
  const problem = await debian('poppler-utils', 'which reads PDFs, for tests');
  if (problem) say(`${problem}. The test of printed reports will fail.`);
}

/** What opens a sealed month with nothing of ours: the test that anybody can. */
async function age(): Promise<void> {
  if (spawnSync('age', ['--version']).status === 0) return;
  const problem = await debian('age', 'which opens a sealed month with nothing of ours, for a test');
  if (problem) say(`${problem}. The test that anybody with the identity can read the archive will fail.`);
}

/** A screen for who has none: the test of recording. */
async function xvfb(): Promise<void> {
  if (spawnSync('xvfb-run', ['--help']).status === 0) return;
  const problem = await debian(['xvfb', 'xauth'], 'a screen to record flows on, for tests');
  if (problem) say(`${problem}. The test of recording will fail.`);
}

async function works(path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  return versionOf(path).then(
    () => true,
    () => false,
  );
}

/** Installs Debian packages; returns why it could not, if so. */
async function debian(names: string | string[], what: string): Promise<string | undefined> {
  const packages = [names].flat();
  const name = packages.join(' ');
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0)
    return 'this system has no apt to install it with';
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (asRoot.length > 0 && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    return `installing it takes root (sudo apt-get install ${name})`;
  }
  const began = Date.now();
  say(`${name} (${what}), by apt …`);
  const apt = (...args: string[]) => quietly([...asRoot, 'apt-get', '-o', 'DPkg::Lock::Timeout=120', ...args]);
  let failed = await apt('install', '-y', '--no-install-recommends', ...packages);
  // The machine may never have fetched its package lists.
  if (failed !== undefined)
    failed = (await apt('update')) ?? (await apt('install', '-y', '--no-install-recommends', ...packages));
  if (failed !== undefined) return `apt could not install it (${failed})`;
  say(`${name} is there (${Math.round((Date.now() - began) / 1000)} s)`);
  return undefined;
}

/** Runs a command; returns the last line it complained with if it failed. */
function quietly(command: string[]): Promise<string | undefined> {
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  let words = '';
  child.stderr.on('data', (data: Buffer) => {
    words += data.toString();
  });
  return new Promise((done) => {
    child.on('error', (error) => done(error.message));
    child.on('exit', (code) => done(code === 0 ? undefined : (words.trim().split('\n').at(-1) ?? `exit code ${code}`)));
  });
}

/** Builds the console's page when its sources have changed since it was last built. */
async function buildConsole(): Promise<void> {
  const folder = join(root, 'server/console');
  const mark = join(folder, 'dist/.built-from');
  const sources = globSync('**/*.{ts,tsx,css,html,svg}', { cwd: folder, exclude: ['dist/**'] }).sort();
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const file of sources) hash.update(file).update(readFileSync(join(folder, file)));
  const wanted = hash.digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  say('the console, by Vite …');
  const began = Date.now();
  const failed = await quietly([
    process.execPath,
    join(root, 'node_modules/vite/bin/vite.js'),
    'build',
    folder,
    '--logLevel',
    'error',
  ]);
  if (failed !== undefined) stop(`The console could not be built: ${failed}`);
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, wanted);
  say(`the console is built (${Math.round((Date.now() - began) / 1000)} s)`);
}

function split(args: string[]): [string[], string[]] {
  const at = args.indexOf('--');
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
}

function unknownPart(name: string): never {
  stop(`set-up knows no part "${name}"; it knows ${Object.keys(parts).join(', ')}.`);
}

function say(sentence: string): void {
  console.error(`set-up: ${sentence}`);
}

function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
