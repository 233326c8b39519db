import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/*
 * The two walls around a child. Outer, on Linux: bubblewrap, with every namespace of its own, network included, and a
 * root that holds Node, Playwright and the child's code, read-only. Inner, everywhere: Node's permission model, with no
 * network, processes, workers or add-ons, and files only from the same list. Node's own documentation says that the
 * permission model does not stop malicious code by itself, which is why a run reports how many walls it had.
 */

export type SandboxLevel = 1 | 3;

const here = dirname(fileURLToPath(import.meta.url));
const entry = join(here, 'child', 'main.ts');
const bubblewrap = 'bwrap';
const heapMiB = 256;
/** Playwright asks while it loads whether these exist, to learn what system this is; inside bubblewrap they don't. */
const lookedAt = [
  '/proc/sys/fs/binfmt_misc/WSLInterop',
  '/run/WSL',
  '/.dockerenv',
  '/proc/self/cgroup',
  '/proc/version',
  '/run/.containerenv',
  '/etc/os-release',
];

/** The level this machine gives: 3 if bubblewrap is there and works for this user. */
export async function sandboxLevel(): Promise<SandboxLevel> {
  if (process.platform !== 'linux') return 1;
  try {
    await promisify(execFile)(bubblewrap, [...walls(), nodeFile(), '--version'], {
      timeout: 10_000,
    });
    return 3;
  } catch {
    return 1;
  }
}

/** Starts a child that waits for its script. `scratch` is the one folder it may write to. */
export function startChild(level: SandboxLevel, scratch: string): ChildProcess {
  const node = [
    '--permission',
    ...[...readable(), ...lookedAt].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-read=${scratch}/`,
    `--allow-fs-write=${scratch}/`,
    `--max-old-space-size=${heapMiB}`,
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    entry,
  ];
  const options = { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] as ('ignore' | 'pipe' | 'ipc')[] };
  const env = { HOME: scratch, TMPDIR: scratch };
  if (level === 1) return spawn(nodeFile(), node, { ...options, env, cwd: scratch, detached: true });
  const inside = [
    '--bind',
    scratch,
    scratch,
    '--chdir',
    scratch,
    '--setenv',
    'HOME',
    scratch,
    '--setenv',
    'TMPDIR',
    scratch,
  ];
  return spawn(bubblewrap, [...walls(), ...inside, '--setenv', 'NODE_CHANNEL_FD', '3', nodeFile(), ...node], {
    ...options,
    env: {},
    detached: true,
  });
}

/** Kills a child and all it might have started. */
export function killChild(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // no process group of that number any more, or none on this platform
  }
}

function walls(): string[] {
  const bound = [...systemLibraries(), nodeFile(), ...readable()].flatMap((path) => ['--ro-bind', path, path]);
  return [
    '--unshare-all',
    '--die-with-parent',
    '--new-session',
    '--clearenv',
    '--cap-drop',
    'ALL',
    '--tmpfs',
    '/',
    ...bound,
    '--proc',
    '/proc',
    '--dev',
    '/dev',
  ];
}

function systemLibraries(): string[] {
  return ['/lib', '/lib64', '/usr/lib', '/usr/lib64'].filter((path) => existsSync(path));
}

function nodeFile(): string {
  return realpathSync(process.execPath);
}

/** The child's code and its modules; the package file tells Node what kind of modules they are. */
function readable(): string[] {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string) => dirname(require.resolve(`${name}/package.json`));
  const root = join(here, '..', '..');
  return [
    join(root, 'package.json'),
    join(here, 'child'),
    join(here, '..', 'protocol'),
    folderOf('playwright'),
    folderOf('playwright-core'),
  ];
}
