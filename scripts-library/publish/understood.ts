/*
 * What of Playwright Test the sentinel's runner executes. A script that uses something else is refused before it is
 * published, rather than failing on a workstation.
 */

/** The one package that scripts may import, and what they may take from it. */
export const playwrightTest = '@playwright/test';
export const understoodImports: ReadonlySet<string> = new Set(['test', 'expect', 'default']);

/** Members of `test`, as they are written after `test.`. */
export const understoodMembers: ReadonlySet<string> = new Set([
  'describe',
  'describe.configure',
  'describe.fixme',
  'describe.only',
  'describe.serial',
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
  'slow',
  'beforeEach',
  'afterEach',
  'beforeAll',
  'afterAll',
]);

/** Members that declare a test when they are called with a title and a function. */
export const declaresTest: ReadonlySet<string> = new Set(['', 'only', 'skip', 'fixme', 'fail']);

/** Options of a context are fixtures too, as in `test('…', async ({ page, viewport }) => …)`. */
const optionFixtures = [
  'acceptDownloads',
  'baseURL',
  'bypassCSP',
  'colorScheme',
  'contrast',
  'deviceScaleFactor',
  'extraHTTPHeaders',
  'forcedColors',
  'geolocation',
  'hasTouch',
  'httpCredentials',
  'ignoreHTTPSErrors',
  'isMobile',
  'javaScriptEnabled',
  'locale',
  'offline',
  'permissions',
  'reducedMotion',
  'screen',
  'serviceWorkers',
  'storageState',
  'timezoneId',
  'userAgent',
  'viewport',
];

export const understoodFixtures: ReadonlySet<string> = new Set([
  'page',
  'context',
  'browser',
  'browserName',
  'request',
  ...optionFixtures,
]);

/** Fixtures that are made anew for each test, so that there is none before or after all of them. */
export const perTestFixtures: ReadonlySet<string> = new Set(['page', 'context']);

/** Matchers that compare with a file kept beside the script, which a sentinel does not have. */
export const snapshotMatchers: ReadonlySet<string> = new Set([
  'toHaveScreenshot',
  'toMatchSnapshot',
  'toMatchAriaSnapshot',
]);
