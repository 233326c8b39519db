import { z } from 'zod';
import type { Use } from './messages.ts';
import { optionFault } from './use-options.ts';

const size = z.object({ width: z.int().positive(), height: z.int().positive() });
const ms = z.number().nonnegative();

/** The options of Playwright's `use` whose values a monitor can write as JSON; https://playwright.dev/docs/test-use-options. */
const values = z.looseObject({
  acceptDownloads: z.boolean(),
  actionTimeout: ms,
  baseURL: z.url({ protocol: /^https?$/ }),
  bypassCSP: z.boolean(),
  colorScheme: z.enum(['light', 'dark', 'no-preference']).nullable(),
  contextOptions: z.record(z.string(), z.unknown()),
  contrast: z.enum(['no-preference', 'more']).nullable(),
  deviceScaleFactor: z.number().positive(),
  extraHTTPHeaders: z.record(z.string(), z.string()),
  forcedColors: z.enum(['active', 'none']).nullable(),
  geolocation: z.object({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    accuracy: z.number().nonnegative().optional(),
  }),
  hasTouch: z.boolean(),
  httpCredentials: z.looseObject({ username: z.string(), password: z.string() }),
  ignoreHTTPSErrors: z.boolean(),
  isMobile: z.boolean(),
  javaScriptEnabled: z.boolean(),
  locale: z.string().refine(isLocale, 'must be a locale, such as nl-NL'),
  navigationTimeout: ms,
  offline: z.boolean(),
  permissions: z.array(z.string()),
  reducedMotion: z.enum(['reduce', 'no-preference']).nullable(),
  screen: size,
  serviceWorkers: z.enum(['allow', 'block']),
  storageState: z.looseObject({}),
  testIdAttribute: z.string().min(1),
  timezoneId: z.string().refine(isTimeZone, 'must be a time zone, such as Europe/Amsterdam'),
  userAgent: z.string(),
  viewport: size.nullable(),
});

/**
 * What is wrong with the `use` of a monitor, a sentence each. `declared` are the options that its script's `test.extend`
 * adds, whose values are the script's own affair.
 */
export function faultsOfUse(
  use: Readonly<Record<string, unknown>>,
  declared: ReadonlySet<string> = new Set(),
): string[] {
  const names = Object.entries(use).flatMap(([name, value]) => optionFault(name, value, declared) ?? []);
  const checked = values.partial().safeParse(use);
  const issues = checked.error?.issues.filter(({ path }) => !declared.has(String(path[0]))) ?? [];
  return [...names, ...issues.map(({ path, message }) => `${path.join('.')}: ${message}.`)];
}

/** A monitor's `use` after a change. Null takes an option away, unless it is a value of that option, as of `viewport`. */
export function changedUse(before: Readonly<Use>, change: Readonly<Use> = {}): Use {
  const leaves = Object.keys(change).filter((name) => change[name] === null && !takesNull(name));
  const all = Object.entries({ ...before, ...change });
  return Object.fromEntries(all.filter(([name]) => !leaves.includes(name)));
}

function takesNull(name: string): boolean {
  const value: z.ZodType | undefined = (values.shape as Record<string, z.ZodType>)[name];
  return value?.safeParse(null).success ?? false;
}

function isLocale(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
