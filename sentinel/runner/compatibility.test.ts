import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { type RunningShop, startShop } from '../../test/apps/shop/shop.ts';
import { buildRunner, runBundle, runScript } from '../../test/run-script.ts';
import { findBrowser } from './browser.ts';
import { onlySpec, specs, unloadable } from './compatibility-specs.ts';
import type { DetailedRunner } from './runner.ts';

/*
 * The same scripts under Playwright Test itself, in one call, and on a sentinel: each test has the same verdict and the same
 * outermost steps.
 */

interface Told {
  title: string;
  outcome: 'passed' | 'failed' | 'skipped';
  steps: string[];
}

const root = resolve(import.meta.dirname, '../..');
let shop: RunningShop;
let runner: DetailedRunner;
let expected: Map<string, Told[]>;

before(async () => {
  shop = await startShop({ password: 'correct horse battery' });
  [runner, expected] = await Promise.all([buildRunner(), underPlaywrightTest()]);
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await shop.close();
});

for (const [name, body] of Object.entries(specs)) {
  test(`as under Playwright Test: ${name}`, async () => {
    const told = await onSentinel(sourceOf(body));
    assert.deepEqual(told, expected.get(name));
  });
}

test('of what is marked only, just that runs, and inside it just what is marked', async () => {
  const told = await onSentinel(sourceOf(onlySpec));
  assert.deepEqual(
    told.map(({ title }) => title),
    ['chosen', 'group › chosen too', 'only inside only › deeper'],
  );
});

for (const [name, body] of Object.entries(unloadable)) {
  test(`not one test is run of ${name}`, async () => {
    const code = `const { test, expect } = require('@playwright/test');\n${stripTypeScriptTypes(body)}`;
    const { run, tests } = await runBundle(runner, code, { url: shop.url });
    assert.deepEqual([run.error?.code, tests], ['SCRIPT_ERROR', []]);
  });
}

function sourceOf(body: string): string {
  return `import { test, expect } from '@playwright/test';\n${body}`;
}

async function onSentinel(source: string): Promise<Told[]> {
  const { tests } = await runScript(runner, { source }, { url: shop.url });
  return tests.map(({ title, outcome, transactions }) => {
    // A test without steps is a transaction itself. What was skipped is told in other ways by each.
    const began = transactions.filter((t) => t.outcome !== 'skipped' && nameOf(t.name) !== title.at(-1));
    return { title: title.join(' › '), outcome, steps: began.map((t) => nameOf(t.name)) };
  });
}

/** The step's own name: without the titles around it, and without the number of a repeat. */
function nameOf(transaction: string): string {
  return (transaction.split(' › ').at(-1) ?? '').replace(/ #\d+$/, '');
}

const reporter = `
const outermost = (steps) => steps.flatMap((s) => (s.category === 'test.step' ? [s] : outermost(s.steps)));
const isSkipped = ({ annotations, error }) =>
  annotations.some(({ type }) => type === 'skip') || error?.message?.includes('Test is skipped');
const outcomes = { expected: 'passed', unexpected: 'failed', skipped: 'skipped' };
const told = [];
module.exports = class {
  onTestEnd(test, { steps }) {
    told.push({
      file: test.location.file,
      title: test.titlePath().slice(3).filter((part) => part !== '').join(' › '),
      outcome: outcomes[test.outcome()],
      steps: outermost(steps).filter((s) => !isSkipped(s)).map((s) => s.title),
    });
  }
  onEnd() { require('node:fs').writeFileSync(__dirname + '/told.json', JSON.stringify(told)); }
};`;

async function underPlaywrightTest(): Promise<Map<string, Told[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-compatibility-'));
  const fileOf = (name: string) => join(folder, `${name.replace(/\W+/g, '-')}.spec.ts`);
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [name, body] of Object.entries(specs)) writeFileSync(fileOf(name), sourceOf(body));
    const use = {
      baseURL: shop.url,
      launchOptions: { executablePath: findBrowser(process.env), args: ['--no-sandbox', '--disable-gpu'] },
    };
    writeFileSync(join(folder, 'playwright.config.js'), `module.exports = ${JSON.stringify({ workers: 2, use })};`);
    writeFileSync(join(folder, 'reporter.js'), reporter);
    const playwright = join(root, 'node_modules/@playwright/test/cli.js');
    const args = [playwright, 'test', '--config', folder, '--reporter', join(folder, 'reporter.js')];
    // It exits with 1, since many of the tests are there to fail.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }; // it starts a worker after each failure
    await new Promise((done) => execFile(process.execPath, args, { cwd: folder, env }, done));
    const told = JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8')) as (Told & { file: string })[];
    const tests = (name: string) =>
      told.filter(({ file }) => file === fileOf(name)).map(({ file: _, ...test }) => test);
    return new Map(Object.keys(specs).map((name) => [name, tests(name)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
