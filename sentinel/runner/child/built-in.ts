import type { APIRequestContext, Browser, BrowserContext, Page } from 'playwright-core';
import { configured, extended, type Pool } from './fixtures.ts';
import { playwrightFixture } from './library.ts';
import { asking } from './parameters.ts';
import { request, selectors, setContextDefaults } from './playwright.ts';
import { runningTest } from './test-run.ts';

/**
 * Playwright's `use` options that a new context takes, with what they are unless set, themselves or in `contextOptions`;
 * https://playwright.dev/docs/test-use-options.
 */
const contextOptions: Record<string, unknown> = {
  acceptDownloads: true,
  bypassCSP: false,
  clientCertificates: undefined,
  colorScheme: 'light',
  contrast: 'no-preference',
  deviceScaleFactor: undefined,
  extraHTTPHeaders: undefined,
  forcedColors: 'none',
  geolocation: undefined,
  hasTouch: false,
  httpCredentials: undefined,
  ignoreHTTPSErrors: false,
  isMobile: false,
  javaScriptEnabled: true,
  locale: 'en-US',
  offline: false,
  permissions: undefined,
  reducedMotion: 'no-preference',
  screen: undefined,
  serviceWorkers: 'allow',
  storageState: undefined,
  timezoneId: undefined,
  userAgent: undefined,
  viewport: { width: 1280, height: 720 },
};

const otherOptions: Record<string, unknown> = {
  actionTimeout: 0,
  baseURL: undefined,
  browserName: 'chromium',
  contextOptions: {},
  navigationTimeout: 0,
  testIdAttribute: 'data-testid',
};

/** There to be set and asked for; nothing follows from them. */
const ignored: Record<string, unknown> = {
  channel: undefined,
  defaultBrowserType: 'chromium',
  headless: true,
  launchOptions: {},
  screenshot: 'off',
  trace: 'off',
  video: 'off',
};

type Values = Record<string, unknown>;
type Use<T> = (value: T) => Promise<void>;

const options = {
  ...Object.fromEntries(
    Object.entries(contextOptions).map(([name, value]) => [name, partOfContextOptions(name, value)]),
  ),
  ...otherOptions,
  ...ignored,
};

/** Options of `test.use`. */
export const optionNames = Object.keys(options);

const optionFixtures = extended(
  [],
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, [value, { option: true }]])),
);

/** Fixtures that don't depend on a test: a condition on these alone is decided once for a describe. */
export const aroundTests: ReadonlySet<string> = new Set(['browser', 'browserName', 'playwright']);

/** The fixtures that every test has. `use` is what the monitor sets. */
export function builtIn(browser: () => Promise<Browser>, use: Values): Pool {
  return extended(configured(optionFixtures, use), {
    playwright: playwrightFixture,
    browser: asking([], async (_: Values, hand: Use<Browser>) => hand(await browser())),
    'defaults of contexts': [asking(optionNames, setDefaults), { auto: 'all-hooks-included' }],
    context: async ({ browser: b }: { browser: Browser }, hand: Use<BrowserContext>) => {
      refuseAroundTests();
      const context = await b.newContext();
      await hand(context);
      await context.close({ reason: 'Test ended.' });
    },
    page: async ({ context }: { context: BrowserContext }, hand: Use<Page>) => hand(await context.newPage()),
    request: asking([], async (_: Values, hand: Use<APIRequestContext>) => {
      const context = await request.newContext();
      await hand(context);
      await context.dispose();
    }),
  });
}

/** An option that is, unless set itself, what `contextOptions` has for it. */
function partOfContextOptions(name: string, otherwise: unknown) {
  return asking(['contextOptions'], async (values: Values, hand: Use<unknown>) => {
    const { [name]: given = otherwise } = values.contextOptions as Values;
    await hand(given);
  });
}

/** Hands every option to Playwright, for the contexts that the script makes itself too. */
async function setDefaults(values: Values, hand: Use<void>): Promise<void> {
  if (values.testIdAttribute) selectors.setTestIdAttribute(String(values.testIdAttribute));
  const given = ['baseURL', ...Object.keys(contextOptions)].filter((name) => values[name] !== undefined);
  setContextDefaults(
    { ...(values.contextOptions as Values), ...Object.fromEntries(given.map((name) => [name, values[name]])) },
    { action: Number(values.actionTimeout) || 0, navigation: Number(values.navigationTimeout) || 0 },
  );
  await hand();
}

function refuseAroundTests(): void {
  const hook = runningTest()?.hook;
  if (hook === 'beforeAll' || hook === 'afterAll')
    throw new Error(
      `There is no page or context in ${hook}, since each test has its own: make one with browser.newContext().`,
    );
}
