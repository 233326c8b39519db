import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Allowed, allowedList, findingsIn, judged } from './advisories.ts';

/* `npm run audit`: what npm's advisory service knows of the libraries that are run with, against those that are allowed. */

const root = dirname(import.meta.dirname);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What npm says, as JSON; it ends with 1 both when it found something and when it could not ask. */
function asked(): Promise<string> {
  const options = { cwd: root, maxBuffer: 64 * 2 ** 20, shell: process.platform === 'win32' };
  return new Promise((resolve) => {
    execFile(npm, ['audit', '--json', '--omit=dev', '--package-lock-only'], options, (_error, stdout) =>
      resolve(stdout),
    );
  });
}

try {
  const allowed: Allowed[] = allowedList(readFileSync(join(import.meta.dirname, 'advisories-allowed.json'), 'utf8'));
  const { wrong, fine } = judged(findingsIn(await asked()), allowed, Date.now());
  for (const line of fine) console.log(line);
  for (const line of wrong) console.error(line);
  if (wrong.length === 0) console.log('No library that is run with has a known weakness that is not allowed.');
  else process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
