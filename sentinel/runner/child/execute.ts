import type { Browser } from 'playwright-core';
import type { ChildError, TestEnd } from '../messages.ts';
import { builtIn, forContext, optionNames } from './built-in.ts';
import { nowUs, tell } from './channel.ts';
import { classify } from './classify.ts';
import { FixtureScope, wanted } from './fixtures.ts';
import {
  type Body,
  type Hook,
  lineage,
  type Modifier,
  type Suite,
  stepNames,
  type Test,
  testsOf,
  titlePath,
} from './plan.ts';
import { setContextDefaults } from './playwright.ts';
import { endOpenSteps, type Running, Skip, setRunning, TimeOver, takeEvidence } from './running.ts';
import { applyModifier } from './test-api.ts';

export interface Surroundings {
  browser: () => Promise<Browser>;
  use: Record<string, unknown>;
  file: string;
  scratch: string;
  testTimeoutMs: number;
}

/**
 * Runs the tests of a file one after another, in Playwright's order: beforeAll of each describe once, beforeEach outer
 * first, the test, afterEach inner first, fixtures down, afterAll when a describe is left. After a failure what `beforeAll`
 * made is taken down and made anew for the tests that follow, as a fresh Playwright worker would.
 */
export async function execute(root: Suite, around: Surroundings): Promise<void> {
  const tests = testsOf(root);
  const entered: Suite[] = [];
  const broken = new Set<Suite>();
  for (const test of tests) {
    const path = lineage(test.suite);
    while (entered.length > 0 && !path.includes(entered.at(-1) as Suite)) await leave(entered, around);
    tell({ kind: 'test-begin', title: titlePath(test), onlyTest: tests.length === 1, atUs: nowUs() });
    const serialAfterFailure = path.some((s) => s.serial && broken.has(s));
    const end = serialAfterFailure
      ? { title: titlePath(test), outcome: 'skipped' as const, reason: 'an earlier test of this serial group failed' }
      : await runTest(test, path, entered, around);
    tell({ kind: 'test-end', test: end, notReached: end.outcome === 'failed' ? notReached(test) : [], atUs: nowUs() });
    if (end.outcome !== 'failed') continue;
    for (const suite of path) if (suite.serial) broken.add(suite);
    while (entered.length > 0) await leave(entered, around);
  }
  while (entered.length > 0) await leave(entered, around);
}

const begunSteps = new WeakMap<Test, string[]>();

/** Steps in the test's text that were not begun. */
function notReached(test: Test): string[] {
  const begun = [...(begunSteps.get(test) ?? [])];
  return stepNames(test.body.toString()).filter((name) => {
    const index = begun.indexOf(name);
    if (index >= 0) begun.splice(index, 1);
    return index < 0;
  });
}

async function runTest(test: Test, path: Suite[], entered: Suite[], around: Surroundings): Promise<TestEnd> {
  const title = titlePath(test);
  const clock = timeLimit(path.findLast((s) => s.timeoutMs !== undefined)?.timeoutMs ?? around.testTimeoutMs);
  const run = newRunning(test, around, clock);
  begunSteps.set(test, run.stepsBegun);
  setRunning(run);
  const options = optionsOf(test.suite, around);
  const scope = new FixtureScope([...builtIn(around.browser, options), ...overridden(test, options)], run.info);
  const errors: ChildError[] = [];
  let skipped: Skip | undefined;

  const attempt = async (what: () => Promise<unknown>) => {
    try {
      await clock.race(what());
      return true;
    } catch (error) {
      if (error instanceof Skip) skipped ??= error;
      else errors.push(await wentWrong(run, error));
      return false;
    }
  };

  try {
    const began = await attempt(async () => {
      for (const suite of path) await modifiers(suite.modifiers, scope);
      await modifiers(test.modifiers, scope);
      for (const suite of path) {
        if (entered.includes(suite)) continue;
        entered.push(suite);
        await allHooks(suite, 'beforeAll', around);
      }
      await scope.startAuto();
      for (const suite of path) for (const hook of hooksOf(suite, 'beforeEach')) await call(hook, scope);
    });
    if (began) await attempt(async () => test.body(await scope.values(wanted(test.body)), run.info));
    run.info.status = errors.length > 0 ? 'failed' : skipped ? 'skipped' : 'passed';
    clock.grant();
    for (const suite of path.toReversed()) {
      for (const hook of hooksOf(suite, 'afterEach'))
        if (began || errors.length > 0) await attempt(() => call(hook, scope));
    }
    await attempt(() => scope.close());
  } finally {
    clock.stop();
    setRunning(undefined);
  }
  return verdict(title, [...errors, ...run.softErrors], skipped, run.expectFailure);
}

function verdict(title: string[], errors: ChildError[], skipped: Skip | undefined, expectFailure: boolean): TestEnd {
  const [error] = errors;
  if (expectFailure && !skipped) {
    if (error) return { title, outcome: 'passed' };
    return {
      title,
      outcome: 'failed',
      error: { code: 'ASSERTION', message: 'The test was expected to fail, but it passed.' },
    };
  }
  if (error) return { title, outcome: 'failed', error };
  return skipped ? { title, outcome: 'skipped', reason: skipped.message } : { title, outcome: 'passed' };
}

async function wentWrong(run: Running, thrown: unknown): Promise<ChildError> {
  const error = classify(thrown);
  endOpenSteps(run, error);
  run.info.errors.push(thrown);
  await takeEvidence(run);
  return error;
}

/** Options set by `test.use` win over the definition that `test.extend` gave them. */
function overridden(test: Test, options: Record<string, unknown>) {
  return [
    ...test.fixtures,
    ...Object.entries(options)
      .filter(([name]) => !optionNames.has(name) && test.fixtures.some((f) => f.name === name))
      .map(([name, value]) => ({ name, value, auto: false, option: true })),
  ];
}

async function modifiers(list: readonly Modifier[], scope: FixtureScope): Promise<void> {
  for (const { type, condition, reason } of list) {
    const holds = typeof condition === 'function' ? condition(await scope.values(wanted(condition))) : condition;
    applyModifier(type, holds, reason);
  }
}

function hooksOf(suite: Suite, when: Hook['when']): Hook[] {
  return suite.hooks.filter((h) => h.when === when);
}

async function call(hook: Hook, scope: FixtureScope): Promise<void> {
  await hook.body(await scope.values(wanted(hook.body as Body)), undefined);
}

async function leave(entered: Suite[], around: Surroundings): Promise<void> {
  const suite = entered.pop();
  if (!suite) return;
  await allHooks(suite, 'afterAll', around);
}

/** Runs hooks that stand outside tests: they may use the browser, but have no page of a test. */
async function allHooks(suite: Suite, when: 'beforeAll' | 'afterAll', around: Surroundings): Promise<void> {
  for (const hook of hooksOf(suite, when)) {
    const known = builtIn(around.browser, optionsOf(suite, around)).filter(
      (f) => f.name !== 'page' && f.name !== 'context',
    );
    const scope = new FixtureScope([...known, ...hook.fixtures], undefined);
    await call(hook, scope).finally(() => scope.close());
  }
}

/** The monitor's `use` with that of each describe around, the innermost last; new contexts get it too. */
function optionsOf(suite: Suite, around: Surroundings): Record<string, unknown> {
  const options: Record<string, unknown> = Object.assign({}, around.use, ...lineage(suite).map((s) => s.use));
  setContextDefaults(forContext(options), options);
  return options;
}

function newRunning(test: Test, around: Surroundings, clock: ReturnType<typeof timeLimit>): Running {
  const unsupported = (what: string) => () => {
    throw new Error(`test.info().${what}() is not available on a sentinel`);
  };
  const attachments: object[] = [];
  const run: Running = {
    test,
    stepsBegun: [],
    openSteps: new Set(),
    softErrors: [],
    expectFailure: false,
    evidenceTaken: false,
    setTimeout: (ms) => {
      run.info.timeout = ms;
      clock.set(ms);
    },
    info: {
      title: test.title,
      titlePath: [around.file, ...titlePath(test)],
      file: around.file,
      annotations: [...test.annotations],
      tags: test.tags,
      attachments,
      errors: [],
      retry: 0,
      repeatEachIndex: 0,
      workerIndex: 0,
      parallelIndex: 0,
      expectedStatus: 'passed',
      status: 'passed',
      timeout: clock.ms,
      project: { name: 'vedette', use: around.use, metadata: {} },
      outputDir: around.scratch,
      outputPath: (...parts: string[]) => [around.scratch, ...parts].join('/'),
      attach: async (name: string, what: { contentType?: string } = {}) => {
        attachments.push({ name, contentType: what.contentType ?? 'text/plain' });
      },
      skip: (condition: unknown = true, reason?: string) => applyModifier('skip', condition, reason),
      fixme: (condition: unknown = true, reason?: string) => applyModifier('fixme', condition, reason),
      fail: (condition: unknown = true, reason?: string) => applyModifier('fail', condition, reason),
      slow: (condition: unknown = true, reason?: string) => applyModifier('slow', condition, reason),
      setTimeout: (ms: number) => run.setTimeout(ms),
      snapshotPath: unsupported('snapshotPath'),
    },
  };
  return run;
}

/** The time a test may take, which the test may change while it runs. */
function timeLimit(ms: number) {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let over = Promise.withResolvers<never>();
  const limit = {
    ms,
    set(to: number) {
      limit.ms = to;
      clearTimeout(timer);
      if (to <= 0) return;
      const left = Math.max(0, to - (performance.now() - began));
      timer = setTimeout(() => over.reject(new TimeOver(`The test took longer than its ${to} ms`)), left);
    },
    race: <T>(work: Promise<T>): Promise<T> => Promise.race([work, over.promise]),
    /** Time of its own for what comes after the test: hooks and teardown. */
    grant() {
      over = Promise.withResolvers<never>();
      over.promise.catch(() => {});
      limit.set(performance.now() - began + ms);
    },
    stop: () => clearTimeout(timer),
  };
  over.promise.catch(() => {});
  limit.set(ms);
  return limit;
}
