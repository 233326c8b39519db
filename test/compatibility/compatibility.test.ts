import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { DetailedRunner } from '../../sentinel/runner/runner.ts';
import { until } from '../faults/until.ts';
import { buildRunner, runBundle, runScript } from '../run-script.ts';
import { thriftyBrowser } from '../thrifty-browser.ts';
import { assertions } from './assertions.ts';
import { declarations } from './declarations.ts';
import { fixtures } from './fixtures.ts';
import { hooks } from './hooks.ts';
import { idioms } from './idioms.ts';
import { pages } from './pages.ts';
import { requests } from './requests.ts';
import { type Site, startSite } from './site.ts';
import { steps } from './steps.ts';
import { onlySpec, unloadable } from './unloadable.ts';
import { verdicts } from './verdicts.ts';

/*
 * The same scripts under Playwright Test itself, in one call, and on a sentinel: each test has the same verdict, the same
 * outermost steps, and fails with the same message on the same line. Each is a small file with its import line left out.
 * What Playwright Test said is kept with a fingerprint of the scripts and of its version, since asking it takes minutes; it
 * is asked when the fingerprint is another, and by `npm run test:long`, which compares.
 */

const specs = {
  ...{ ...declarations, ...hooks, ...fixtures, ...verdicts },
  ...{ ...steps, ...assertions, ...pages, ...requests, ...idioms },
};

interface Told {
  title: string;
  outcome: 'passed' | 'failed' | 'skipped';
  steps: string[];
  message: string | undefined;
  line: number | undefined;
}

interface Recording {
  fingerprint: string;
  told: Record<string, Told[]>;
}

const { version: playwrightVersion } = createRequire(import.meta.url)('playwright/package.json') as { version: string };
const root = resolve(import.meta.dirname, '../..');
const recording = join(import.meta.dirname, 'playwright-verdicts.json');
const folder = mkdtempSync(join(tmpdir(), 'vedette-compatibility-'));
/** Both are given the same, and neither its default. */
const expectTimeoutMs = 3000;
/** Playwright's own choice for tests without a window, and three times as fast. */
const browser = thriftyBrowser;
let site: Site;
let runner: DetailedRunner;
let expected: Map<string, Told[]>;

before(async () => {
  site = await startSite();
  for (const [name, spec] of Object.entries(specs)) writeSpec(name, spec);
  [runner, expected] = await Promise.all([buildRunner({}, { browser }), playwrightsVerdicts()]);
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  site.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const name of Object.keys(specs)) {
  test(`as under Playwright Test: ${name}`, async () => {
    const tests = expected.get(name) ?? [];
    const told = await judged(name);
    // What Playwright Test tells without a place, or in words of its own, is no measure.
    assert.deepEqual(asKept(told.map((test, i) => ({ ...test, ...unmeasured(tests[i]) }))), tests);
  });
}

test('the suite has sixty scripts and more, and Playwright Test ran them all', () => {
  const ran = [...expected.values()].filter((tests) => tests.length > 0);
  assert.equal(ran.length, Object.keys(specs).length);
  assert.ok(ran.length >= 60, String(ran.length));
});

test('of what is marked only, just that runs, and inside it just what is marked', async () => {
  const { tests } = await runScript(runner, { source: sourceOf(onlySpec) }, { url: site.url });
  assert.deepEqual(
    tests.map(({ title }) => title.join(' › ')),
    ['chosen', 'group › chosen too', 'only inside only › deeper'],
  );
});

for (const [name, body] of Object.entries(unloadable)) {
  test(`not one test is run of ${name}`, async () => {
    const code = `const { test, expect } = require('@playwright/test');\n${stripTypeScriptTypes(body)}`;
    const { run, tests } = await runBundle(runner, code, { url: site.url });
    assert.deepEqual([run.error?.code, tests], ['SCRIPT_ERROR', []]);
  });
}

type Spec = (typeof idioms)[string];

function writeSpec(name: string, spec: Spec): void {
  const files =
    typeof spec === 'string'
      ? { [fileOf(name)]: sourceOf(spec) }
      : { ...besides(name, spec.files), [fileOf(name)]: spec.spec };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function besides(name: string, files: Record<string, string>): Record<string, string> {
  const around = dirname(fileOf(name));
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [join(around, file), text]));
}

function fileOf(name: string): string {
  return join(folder, name.replace(/\W+/g, '-'), 'test.spec.ts');
}

function sourceOf(body: string): string {
  return /^\s*import \{.* test/.test(body) ? body : `import { test, expect } from '@playwright/test';\n${body}`;
}

function environment(): Record<string, string> {
  return { SECURE_URL: site.secureUrl, CLIENT_CERT: site.clientCert, CLIENT_KEY: site.clientKey };
}

/** What the sentinel says of it, once it does not say that this machine was too busy for its shortest waits. */
async function judged(name: string): Promise<Told[]> {
  let told: Told[] = [];
  await until('the machine has time for the script', async () => {
    told = await onSentinel(name);
    return !told.some(({ message }) => message?.startsWith('This device was overloaded'));
  });
  return told;
}

async function onSentinel(name: string): Promise<Told[]> {
  const hosts = [site.url, site.secureUrl].map((url) => new URL(url).host);
  const { tests } = await runScript(
    runner,
    { file: fileOf(name) },
    { url: site.url, hosts, variables: environment(), expectTimeoutMs },
  );
  return tests.map(({ title, outcome, transactions, error }) => {
    // A test without steps is a transaction itself. What was skipped is told in other ways by each.
    const began = transactions.filter((t) => t.outcome !== 'skipped' && nameOf(t.name) !== title.at(-1));
    return {
      title: title.join(' › '),
      outcome,
      steps: began.map((t) => nameOf(t.name)),
      ...failure(outcome, error?.message, error?.location?.line),
    };
  });
}

/** The step's own name: without the titles around it, and without the number of a repeat. */
function nameOf(transaction: string): string {
  return (transaction.split(' › ').at(-1) ?? '').replace(/ #\d+$/, '');
}

/** Of messages the first line, without the kind of error; a number that OpenSSL puts first differs each time. */
function failure(outcome: string, message = '', line?: number): Pick<Told, 'message' | 'line'> {
  if (outcome !== 'failed') return { message: undefined, line: undefined };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what begins a colour
  const [first = ''] = message.replace(/\u001b\[[0-9;]*m/g, '').split('\n');
  const said = first.replace(/^\w*Error: /, '').replace(/[0-9A-F]{16}:error/, 'error');
  return {
    message: said.replaceAll(site.url, 'SITE').replaceAll(site.secureUrl, 'SECURE_SITE').replaceAll(folder, 'FOLDER'),
    line,
  };
}

/** Tests that tell what was thrown, or why there was no connection, in other words than Playwright's. */
const worded = new Set([
  'a text',
  'nothing',
  'an object',
  'no such host answers',
  'an error in the page',
  'of a file that is not there',
  'too slow',
  'by option › too slow',
]);

function unmeasured(test: Told | undefined): Partial<Told> {
  const isOver = /timeout of \d+ms exceeded/.test(test?.message ?? '');
  const isWorded = isOver || test?.message === '' || worded.has(test?.title ?? '');
  return {
    ...(isWorded ? { message: test?.message } : {}),
    ...(isWorded || test?.line === undefined ? { line: test?.line } : {}),
  };
}

const reporter = `
const outermost = (steps) => steps.flatMap((s) => (s.category === 'test.step' ? [s] : outermost(s.steps)));
const isSkipped = ({ annotations, error }) =>
  annotations.some(({ type }) => type === 'skip') || error?.message?.includes('Test is skipped');
const outcomes = { expected: 'passed', unexpected: 'failed', skipped: 'skipped' };
const told = [];
module.exports = class {
  onTestEnd(test, { steps, errors }) {
    told.push({
      file: test.location.file,
      at: test.location.line,
      title: test.titlePath().slice(3).filter((part) => part !== '').join(' › '),
      outcome: outcomes[test.outcome()],
      message: errors[0]?.message ?? errors[0]?.value,
      line: errors[0]?.location?.line,
      steps: outermost(steps).filter((s) => !isSkipped(s)).map((s) => s.title),
    });
  }
  onEnd() { require('node:fs').writeFileSync(__dirname + '/told.json', JSON.stringify(told)); }
};`;

async function playwrightsVerdicts(): Promise<Map<string, Told[]>> {
  const kept = existsSync(recording) ? (JSON.parse(readFileSync(recording, 'utf8')) as Recording) : undefined;
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([specs, expectTimeoutMs, playwrightVersion]))
    .digest('hex');
  const isCurrent = kept?.fingerprint === fingerprint;
  if (isCurrent && !process.env.VEDETTE_LONG) return new Map(Object.entries(kept.told));
  const asked = await underPlaywrightTest();
  const told = asKept(Object.fromEntries(asked));
  if (isCurrent) assert.deepEqual(told, kept.told, 'what is kept of Playwright Test is what it says');
  else writeFileSync(recording, `${JSON.stringify({ fingerprint, told }, null, 1)}\n`);
  return new Map(Object.entries(told));
}

function asKept<T>(told: T): T {
  return JSON.parse(JSON.stringify(told)) as T;
}

async function underPlaywrightTest(): Promise<Map<string, Told[]>> {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const use = {
    baseURL: site.url,
    launchOptions: { executablePath: browser, args: ['--no-sandbox', '--disable-gpu'] },
  };
  const config = { workers: 2, use, expect: { timeout: expectTimeoutMs } };
  writeFileSync(join(folder, 'playwright.config.js'), `module.exports = ${JSON.stringify(config)};`);
  writeFileSync(join(folder, 'reporter.js'), reporter);
  const playwright = join(root, 'node_modules/@playwright/test/cli.js');
  const args = [playwright, 'test', '--config', folder, '--reporter', join(folder, 'reporter.js')];
  // It exits with 1, since many of the tests are there to fail.
  const env = { ...process.env, ...environment(), NODE_COMPILE_CACHE: join(folder, 'compiled') }; // it starts a worker after each failure
  await new Promise((done) => execFile(process.execPath, args, { cwd: folder, env }, done));
  const ended = JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8')) as (Told & { file: string; at: number })[];
  const told = ended.toSorted((a, b) => a.at - b.at); // where tests run side by side they end in any order
  const tests = (name: string) =>
    told
      .filter(({ file }) => file === fileOf(name))
      .map(({ file: _, at: __, message, line, ...test }) => ({ ...test, ...failure(test.outcome, message, line) }));
  return new Map(Object.keys(specs).map((name) => [name, tests(name)]));
}
