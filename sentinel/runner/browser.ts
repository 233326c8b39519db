import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const names = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
  'chromium-headless-shell',
];
const knownPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * The browser of this machine, or none: one its users have, else one that Playwright once downloaded.
 * `environment` is where PATH, HOME and PLAYWRIGHT_BROWSERS_PATH are looked up.
 */
export function findBrowser(environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...knownPlaces];
  return candidates.find((file) => existsSync(file)) ?? findPlaywrights(environment);
}

function findPlaywrights({ PLAYWRIGHT_BROWSERS_PATH, HOME = '' }: NodeJS.ProcessEnv): string | undefined {
  const cache = PLAYWRIGHT_BROWSERS_PATH ?? join(HOME, '.cache', 'ms-playwright');
  const executables = globSync('chromium*/chrome-*/{chrome,chrome-headless-shell,headless_shell}', { cwd: cache });
  const [newest] = executables.sort().reverse();
  return newest && join(cache, newest);
}

/** Version a browser prints, such as `Chromium 150.0.7871.100`; rejects when it can't run. */
export async function versionOf(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000 });
  return stdout.trim();
}
