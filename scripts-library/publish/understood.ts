import { ignoredOptions, understoodOptions } from '../../sentinel/protocol/use-options.ts';

/*
 * What of Playwright Test the sentinel's runner executes. A script that uses something else is refused before it is
 * published, rather than failing on a workstation.
 */

/** The one package that scripts may import, and what they may take from it. */
export const playwrightTest = '@playwright/test';
export const understoodImports: ReadonlySet<string> = new Set([
  'test',
  'expect',
  'default',
  'devices',
  'errors',
  'mergeExpects',
  'mergeTests',
  'request',
  'selectors',
]);

/** Members of `test`, as they are written after `test.`. */
export const understoodMembers: ReadonlySet<string> = new Set([
  'describe',
  'describe.configure',
  'describe.fixme',
  'describe.only',
  'describe.parallel',
  'describe.parallel.only',
  'describe.serial',
  'describe.serial.only',
  'describe.skip',
  'step',
  'step.skip',
  'use',
  'beforeEach',
  'afterEach',
  'beforeAll',
  'afterAll',
  'skip',
  'fixme',
  'only',
  'fail',
  'fail.only',
  'slow',
  'setTimeout',
  'info',
  'extend',
  'expect',
]);

/** Members whose function argument is given fixtures; the empty name is `test` itself. */
export const takesFixtures: ReadonlySet<string> = new Set([
  '',
  'only',
  'skip',
  'fixme',
  'fail',
  'fail.only',
  'slow',
  'beforeEach',
  'afterEach',
  'beforeAll',
  'afterAll',
]);

/** Members that declare a test when they are called with a title and a function. */
export const declaresTest: ReadonlySet<string> = new Set(['', 'only', 'skip', 'fixme', 'fail', 'fail.only']);

/** Options of `use` are fixtures too, as in `test('…', async ({ page, viewport }) => …)`. */
export const understoodFixtures: ReadonlySet<string> = new Set<string>([
  'page',
  'context',
  'browser',
  'playwright',
  'request',
  ...understoodOptions,
  ...Object.keys(ignoredOptions),
]);

/** Fixtures that are made anew for each test, so that there is none before or after all of them. */
export const perTestFixtures: ReadonlySet<string> = new Set(['page', 'context']);

/** Matchers that compare with a file kept beside the script, which a sentinel does not have. */
export const snapshotMatchers: ReadonlySet<string> = new Set([
  'toHaveScreenshot',
  'toMatchSnapshot',
  'toMatchAriaSnapshot',
]);
