/*
 * Options of Playwright's `use`, and what a sentinel makes of each. The sandboxed child reads this file too: it imports
 * nothing.
 */

/** Those it follows: they belong to each context, or to Playwright's waits. */
export const understoodOptions = [
  'acceptDownloads',
  'actionTimeout',
  'baseURL',
  'browserName',
  'bypassCSP',
  'clientCertificates',
  'colorScheme',
  'contextOptions',
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
  'navigationTimeout',
  'offline',
  'permissions',
  'reducedMotion',
  'screen',
  'serviceWorkers',
  'storageState',
  'testIdAttribute',
  'timezoneId',
  'userAgent',
  'viewport',
] as const;

/** Those that ordinary files set and that change nothing here, with the reason. */
export const ignoredOptions = {
  channel: 'the browser is the one of the workstation',
  defaultBrowserType: 'the browser is Chromium, whatever device it stands in for',
  headless: 'the browser is there before the script is',
  launchOptions: 'the browser is there before the script is',
  screenshot: 'what is taken of a failure is set at the monitor',
  trace: 'what is taken of a failure is set at the monitor',
} as const;

const isOff = (video: unknown) =>
  video === 'off' || (typeof video === 'object' && video !== null && 'mode' in video && video.mode === 'off');

/** Those it refuses, with the reason; a value that is `fine` is what a sentinel does anyway, and so is undefined. */
export const refusedOptions: Readonly<Record<string, { why: string; fine?: (value: unknown) => boolean }>> = {
  browserName: { why: 'a sentinel has Chromium alone', fine: (name) => name === 'chromium' },
  connectOptions: { why: 'a sentinel has its own browser' },
  proxy: { why: 'everything goes through the gate of the sentinel' },
  video: { why: 'a sentinel records no video: a monitor can ask for a trace', fine: isOff },
};

/** What is wrong with an option, if something is. `declared` are those that `test.extend` adds. */
export function optionFault(name: string, value: unknown, declared: ReadonlySet<string>): string | undefined {
  const refused = refusedOptions[name];
  if (refused) return value === undefined || refused.fine?.(value) ? undefined : `${name} is refused: ${refused.why}.`;
  const known = [...understoodOptions, ...Object.keys(ignoredOptions), ...declared];
  if (known.includes(name)) return undefined;
  const hint = didYouMean(name, known);
  return `${name} is no option of Playwright's that a sentinel knows, and none that test.extend declares.${hint}`;
}

/** ` Did you mean locale?`, to be put behind a sentence; empty if no known name is like it. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? '' : ` Did you mean ${near}?`;
}

/** The known name that was most likely meant by another one; undefined if none is like it. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [near] = known.toSorted((a, b) => distance(a, name) - distance(b, name));
  return near !== undefined && distance(near, name) <= Math.max(2, name.length / 3) ? near : undefined;
}

/** How many letters must be added, left out or changed to make one name of another, capitals aside. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a.toLowerCase()].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b.toLowerCase()].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
