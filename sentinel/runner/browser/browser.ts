import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Where each kind of browser lies: names of its program, known places, and what Playwright's download of it is called. */
const kinds = {
  chrome: {
    programs: ['google-chrome-stable', 'google-chrome'],
    places: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
    download: undefined,
  },
  chromium: {
    programs: ['chromium', 'chromium-browser'],
    places: [],
    download: 'chromium-*/chrome-*/chrome',
  },
  msedge: {
    programs: ['microsoft-edge-stable', 'microsoft-edge'],
    places: ['C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'],
    download: undefined,
  },
  'headless-shell': {
    programs: ['chromium-headless-shell'],
    places: [],
    download: 'chromium_headless_shell-*/chrome-*/{chrome-headless-shell,headless_shell}',
  },
} as const;
type Kind = keyof typeof kinds;

/** Kinds of browser that can be chosen by name: those that users have, and the headless shell, which needs far less. */
export const browserKinds = Object.keys(kinds) as Kind[];

/** For the help of a command line. */
export const browserOption = `browser to use: a path, or one of ${browserKinds.join(', ')}; left out, one found on the machine`;

/**
 * Path of the browser that was chosen, by kind or by its own path; where nothing was, of one that this machine's users have,
 * else of one that Playwright once downloaded. None if there is no such browser. `environment` is where PATH, HOME and
 * PLAYWRIGHT_BROWSERS_PATH are looked up.
 */
export function findBrowser(environment: NodeJS.ProcessEnv, chosen?: string): string | undefined {
  const named = browserKinds.find((kind) => kind === chosen);
  if (chosen !== undefined && !named) return chosen;
  const wanted = named ? [named] : browserKinds;
  return (
    first(wanted, (kind) => installed(kind, environment)) ?? first(wanted, (kind) => downloaded(kind, environment))
  );
}

function installed(kind: Kind, { PATH = '' }: NodeJS.ProcessEnv): string | undefined {
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  const { programs, places } = kinds[kind];
  const candidates = [...programs.flatMap((name) => folders.map((folder) => join(folder, name))), ...places];
  return candidates.find((file) => existsSync(file));
}

function downloaded(kind: Kind, environment: NodeJS.ProcessEnv): string | undefined {
  const { PLAYWRIGHT_BROWSERS_PATH, HOME = '' } = environment;
  const cache = PLAYWRIGHT_BROWSERS_PATH ?? join(HOME, '.cache', 'ms-playwright');
  const { download } = kinds[kind];
  const newest = download && globSync(download, { cwd: cache }).sort().at(-1);
  return newest && join(cache, newest);
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Version a browser prints, such as `Chromium 150.0.7871.100`; rejects when it can't run. */
export async function versionOf(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000 });
  return stdout.trim();
}
