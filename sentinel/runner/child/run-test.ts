import type { Browser } from 'playwright-core';
import { optionFault } from '../../protocol/use-options.ts';
import { aroundTests, builtIn } from './built-in.ts';
import { newSlot, type Slot } from './clock.ts';
import { expectIn } from './expect.ts';
import { asksFor, configured, extended, Fixtures, type Pool, verify } from './fixtures.ts';
import { asking, parametersOf } from './parameters.ts';
import {
  type Annotation,
  annotationsOf,
  type Body,
  type Condition,
  type Hook,
  lineage,
  type Suite,
  type Test,
} from './plan.ts';
import { setRunning, TestRun, type TestSettings, TestSkip } from './test-run.ts';

export interface Surroundings extends TestSettings {
  browser: () => Promise<Browser>;
  /** Closes whatever pages and contexts are open. */
  closeContexts: () => Promise<void>;
}

/** The describes that are entered, each with the annotations its `beforeAll` gave all its tests. */
export type Entered = Map<Suite, Annotation[]>;

/** The fixtures of a test: the built-in ones, those of `test.extend`, then what `test.use` sets, the innermost last. */
export function poolOf(test: Test, around: Surroundings): Pool {
  let pool = builtIn(around.browser, around.use);
  for (const extension of test.extensions) pool = configured(extended(pool, extension), onlyNew(around.use, extension));
  for (const use of lineage(test.suite).flatMap((suite) => suite.uses)) pool = extended(pool, use.options);
  return pool;
}

function onlyNew(use: Record<string, unknown>, extension: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(use).filter(([name]) => Array.isArray(extension[name]) && extension[name][1]?.option === true),
  );
}

/** Throws if a test, or a hook around it, asks for fixtures that can't be had. */
export function verifyFixtures(test: Test, around: Surroundings): void {
  const pool = poolOf(test, around);
  for (const fn of functionsOf(test)) verify(pool, fn);
}

/** Throws if an option is set, by the script or its monitor, that no sentinel follows and no test of the file declares. */
export function verifyOptions(tests: readonly Test[], { browser, use }: Surroundings): void {
  const extensions = new Set(tests.flatMap((test) => test.extensions));
  const names = [...extensions].flatMap((extension) => Object.keys(extension));
  const declared = new Set([...builtIn(browser, {}).map(({ name }) => name), ...names]);
  const uses = new Set(tests.flatMap((test) => lineage(test.suite).flatMap((suite) => suite.uses)));
  for (const { options, place } of [...uses, { options: use, place: new Error('the monitor') }]) {
    for (const [name, value] of Object.entries(options)) {
      const fault = optionFault(name, value, declared);
      if (fault !== undefined) throw Object.assign(place, { message: fault });
    }
  }
}

/** Whether a test that is to run, or a hook around it, asks for a browser or for what lives in one. */
export function needsBrowser(test: Test, around: Surroundings): boolean {
  if (annotationsOf(test).some(({ type }) => type === 'skip' || type === 'fixme')) return false;
  const pool = poolOf(test, around);
  return [undefined, ...functionsOf(test)].some((fn) => asksFor(pool, 'browser', fn));
}

function functionsOf(test: Test): Body[] {
  const suites = lineage(test.suite);
  return [test.body, ...suites.flatMap((s) => [...s.hooks.map((h) => h.body), ...s.conditions.map((c) => c.holds)])];
}

/**
 * Runs one test as Playwright Test does: `beforeAll` of describes that are new, `beforeEach` outer first, the test,
 * `afterEach` inner first, fixtures down, `afterAll` of describes that `next` isn't in, or of all after a failure.
 */
export async function runTest(
  test: Test,
  next: Test | undefined,
  entered: Entered,
  around: Surroundings,
): Promise<TestRun> {
  const run = new TestRun(test, around);
  const path = lineage(test.suite);
  const inward = path.toReversed();
  for (const annotation of path.flatMap((suite) => entered.get(suite) ?? [])) run.annotate(annotation);
  const leaving = inward.filter((suite) => !next || !lineage(next.suite).includes(suite));
  const isSkipped = run.expected === 'skipped';
  if (isSkipped) run.status = 'skipped';
  if (isSkipped && next && !leaving.some((s) => entered.has(s) && s.hooks.some((h) => h.when === 'afterAll')))
    return run;
  setRunning(run);
  expectIn(run);
  const hooks = new Hooks(run, new Fixtures(poolOf(test, around), run), entered);
  let hasEntered = false;
  await kept(async () => {
    if (isSkipped) return;
    for (const suite of path) await hooks.enter(suite);
    hasEntered = true;
    await hooks.each(path, 'beforeEach', run.clock.test);
    await hooks.call(test.body, 'The test', run.clock.test);
    await run.showPassing();
  });
  const after = newSlot(longest(around.timeoutMs, run.clock.test.timeoutMs));
  if (hasEntered) await kept(() => hooks.each(inward, 'afterEach', after));
  await kept(() => hooks.fixtures.tearDown(after));
  for (const suite of inward) if (leaving.includes(suite) || run.isFailure()) await kept(() => hooks.leave(suite));
  for (const suite of inward) if (run.isFailure()) await kept(() => hooks.leave(suite));
  expectIn(undefined);
  setRunning(undefined);
  return run;
}

/** What goes wrong in a part of a test has been taken note of where it did; the rest of the test goes its way. */
async function kept(part: () => Promise<void>): Promise<void> {
  await part().catch(() => {});
}

function longest(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : Math.max(a, b);
}

/** Runs the hooks around one test. */
class Hooks {
  readonly fixtures: Fixtures;
  private readonly run: TestRun;
  private readonly entered: Entered;

  constructor(run: TestRun, fixtures: Fixtures, entered: Entered) {
    this.run = run;
    this.fixtures = fixtures;
    this.entered = entered;
  }

  async enter(suite: Suite): Promise<void> {
    if (this.entered.has(suite)) return;
    const before = this.run.info.annotations.length;
    this.entered.set(suite, []);
    try {
      await this.all(suite, 'beforeAll');
    } finally {
      this.entered.set(suite, this.run.info.annotations.slice(before));
    }
  }

  async leave(suite: Suite): Promise<void> {
    if (this.entered.delete(suite)) await this.all(suite, 'afterAll');
  }

  /** Each hook is tried, but for a skip; the first error is thrown. */
  async each(suites: readonly Suite[], when: 'beforeEach' | 'afterEach', slot: Slot): Promise<void> {
    const bodies = suites.flatMap((suite) => [
      ...(when === 'beforeEach' ? this.conditions(suite, false) : []),
      ...hooksOf(suite, when),
    ]);
    await everyOne(bodies, async (body) => {
      if (!this.run.isUsedUp(slot)) await this.as(when, () => this.call(body, `A ${when} hook`, slot));
    });
  }

  /** Calls a function of the script with the fixtures it asks for; not at all if one of them could not be made. */
  async call(body: Body, what: string, slot: Slot, by: 'test' | 'hook around tests' = 'test'): Promise<void> {
    const values = await this.fixtures.parametersFor(body, by, slot);
    if (values) await this.run.within(slot, what, () => body(values, this.run.info));
  }

  private async all(suite: Suite, when: 'beforeAll' | 'afterAll'): Promise<void> {
    const bodies = [...(when === 'beforeAll' ? this.conditions(suite, true) : []), ...hooksOf(suite, when)];
    await everyOne(bodies, async (body) => {
      const slot = newSlot(this.run.settings.timeoutMs);
      try {
        await this.as(when, () => this.call(body, `A ${when} hook`, slot, 'hook around tests'));
      } catch (error) {
        if (when === 'beforeAll' && !(error instanceof TestSkip)) this.run.brokenSuite ??= suite;
        throw error;
      } finally {
        await this.fixtures.tearDown(slot);
      }
    });
  }

  private conditions(suite: Suite, isAroundTests: boolean): Body[] {
    return suite.conditions
      .filter(({ holds }) => parametersOf(holds).every((name) => aroundTests.has(name)) === isAroundTests)
      .map((condition) => asHook(condition, this.run));
  }

  private async as(hook: Hook['when'], work: () => Promise<void>): Promise<void> {
    this.run.hook = hook;
    await work().finally(() => {
      this.run.hook = undefined;
    });
  }
}

function hooksOf(suite: Suite, when: Hook['when']): Body[] {
  return suite.hooks.filter((hook) => hook.when === when).map((hook) => hook.body);
}

/** A describe's condition as a hook that asks for the same fixtures. */
function asHook({ type, holds, reason }: Condition, run: TestRun): Body {
  const body: Body = async (fixtures, info) => run.modify(type, [Boolean(await holds(fixtures, info)), reason]);
  return asking(parametersOf(holds), body);
}

async function everyOne<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  for (const item of list) {
    await work(item).catch((error: unknown) => errors.push(error));
    if (errors.at(-1) instanceof TestSkip) break;
  }
  if (errors.length > 0) throw errors[0];
}
