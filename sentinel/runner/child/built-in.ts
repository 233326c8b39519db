import type { Browser, BrowserContext } from 'playwright-core';
import type { FixtureDefinition } from './fixtures.ts';

/** Playwright's `use` options that a new context takes; https://playwright.dev/docs/test-use-options. */
const contextOptions = [
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

export const optionNames: ReadonlySet<string> = new Set([...contextOptions, 'actionTimeout', 'navigationTimeout']);

/** The part of `use` that a new context is given. Playwright Test's own viewport is 1280 × 720. */
export function forContext(use: Record<string, unknown>): Record<string, unknown> {
  const given = contextOptions.filter((name) => use[name] !== undefined).map((name) => [name, use[name]]);
  return { viewport: { width: 1280, height: 720 }, ...Object.fromEntries(given) };
}

/** The fixtures that every test has. `use` is what the monitor and `test.use` set, together. */
export function builtIn(browser: () => Promise<Browser>, use: Record<string, unknown>): FixtureDefinition[] {
  const fixture = (name: string, value: unknown): FixtureDefinition => ({ name, value, auto: false, option: false });
  return [
    ...[...optionNames].map((name) => fixture(name, use[name])),
    fixture('browserName', 'chromium'),
    fixture('browser', async (_: object, hand: (b: Browser) => Promise<void>) => hand(await browser())),
    fixture('context', async ({ browser: b }: { browser: Browser }, hand: (c: BrowserContext) => Promise<void>) => {
      const context = await b.newContext();
      await hand(context);
      await context.close();
    }),
    fixture('page', async ({ context }: { context: BrowserContext }, hand: (page: unknown) => Promise<void>) =>
      hand(await context.newPage()),
    ),
  ];
}
