import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { killGroup } from '../browser/process-group.ts';
import { childCode, childEntry, packageFile } from '../places.ts';
import { type ChildChannel, childChannel } from './child-channel.ts';
import { type ChildLibraries, childLibraries } from './child-libraries.ts';
import { dyingWithParent, limited, limiters } from './kernel-limits.ts';
import { snapshotProgram } from './snapshot-program.ts';

/*
 * The two walls around a child. Outer, on Linux: bubblewrap, with every namespace of its own, network included, and a
 * root that holds Node, Playwright and the child's code, read-only. Inner, everywhere: Node's permission model, with no
 * network, processes, workers or add-ons, and files only from the same list. Node's own documentation says that the
 * permission model does not stop malicious code by itself, which is why a run reports how many walls it had.
 */

export type SandboxLevel = 1 | 3;

/** How a child ended. */
export interface Departure {
  /** The last it wrote to its standard error. */
  words: string;
  /** Whether the system ended it, or Node itself because it had no memory left. */
  crashed: boolean;
}

export interface Child {
  /** Its process, or the one that holds the walls around it. */
  readonly pid: number;
  readonly channel: ChildChannel;
  /** Resolves when the child is gone. */
  readonly gone: Promise<Departure>;
  /** Kills the child and all it might have started; resolves when it is gone. */
  kill(): Promise<void>;
}

const bubblewrap = 'bwrap';
const snapshotProgramName = 'packages.cjs';
const snapshotMs = 20_000;
const heapMiB = 256;
const youngMiB = 16;
const MiB = 1024 * 1024;
/** Beside Node's own that leaves some 700 MiB: the heap, and what lies outside it, such as buffers and WebAssembly. */
const kernelLimits = { dataBytes: 1280 * MiB, fileBytes: 256 * MiB };
/** Node has a dozen threads. */
const mostProcesses = 64;
/** Of its standard error this much is kept, and this much listened to: it is no place for a script to write. */
const mostWords = 2000;
const mostHeardBytes = 1 * MiB;
/** From here up, bubblewrap's exit codes tell of a signal. */
const fromSignal = 128;
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
    await promisify(execFile)(
      bubblewrap,
      [...walls(), ...sealed, ...limited([nodeFile(), '--version'], kernelLimits)],
      { timeout: 10_000 },
    );
    return 3;
  } catch {
    return 1;
  }
}

/** How children are started. */
export interface Sandbox {
  level: SandboxLevel;
  /** Made ready for them; none where nothing but themselves would keep them from writing there. */
  libraries: ChildLibraries | undefined;
}

/**
 * The sandbox at a level. What it makes ready for children is kept in `folder`; for that `rehearse` has a child that it
 * starts do what runs do. Where that can't be done, on a full disk say, children are slower and do the same.
 */
export async function openSandbox(
  level: SandboxLevel,
  folder: string | undefined,
  rehearse: (start: (scratch: string) => Child) => Promise<void>,
): Promise<Sandbox> {
  if (level === 1 || folder === undefined) return { level, libraries: undefined };
  const make = async (libraries: ChildLibraries) => {
    writeFileSync(join(libraries.compiled, snapshotProgramName), snapshotProgram());
    await rehearse((scratch) => takingItsTime(startChild({ level, libraries }, scratch, 'snapshot')));
    await warmUp({ level, libraries });
  };
  const code = [...textsIn(childCode), snapshotProgram()];
  return { level, libraries: await childLibraries(folder, code, make).catch(() => undefined) };
}

function textsIn(folder: string): string[] {
  return readdirSync(folder).map((name) => name + readFileSync(join(folder, name), 'utf8'));
}

/** It is told that there is nothing more for it, and then has time to be kept. */
function takingItsTime(child: Child): Child {
  const kill = async () => {
    child.channel.close();
    const late = setTimeout(child.kill, snapshotMs);
    await child.gone;
    clearTimeout(late);
  };
  return { ...child, kill };
}

/** Has Node keep what it compiled of the child's own code, by a child that begins with the snapshot. */
async function warmUp(sandbox: Sandbox & { libraries: ChildLibraries }): Promise<void> {
  const scratch = mkdtempSync(join(sandbox.libraries.compiled, 'scratch-'));
  const child = takingItsTime(startChild(sandbox, scratch, 'warm-up'));
  const { value } = await child.channel.messages().next();
  await child.kill();
  rmSync(scratch, { recursive: true });
  if (value?.kind !== 'ready') throw new Error('no child can begin with the snapshot');
}

/** What children are started for: a run, or what is made ready for those. */
type Purpose = 'run' | 'snapshot' | 'warm-up';

/**
 * Starts a child that waits for its script. `scratch` is the one folder it may write to, but for one that has another purpose
 * than a run: it writes what children use, and is for no script but our own.
 */
export function startChild({ level, libraries }: Sandbox, scratch: string, purpose: Purpose = 'run'): Child {
  const outer = [...walls(scratch), ...(libraries ? mounts(libraries, purpose) : []), ...sealed];
  const node = [
    nodeFile(),
    ...(purpose === 'snapshot' ? [] : permissions(scratch, libraries)),
    ...memory,
    ...compilers,
    ...program(libraries, purpose),
  ];
  const [command = '', ...args] =
    level === 3
      ? [bubblewrap, ...outer, ...limited(node, { ...kernelLimits, processes: mostProcesses })]
      : dyingWithParent(limited(node, kernelLimits));
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: level === 3 ? {} : { HOME: scratch, TMPDIR: scratch },
    cwd: level === 3 ? '/' : scratch,
    detached: true,
  });
  const gone = departure(child);
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
    await gone;
  };
  return { pid: child.pid ?? 0, channel: childChannel(child.stdio[3] as Duplex), gone, kill };
}

function program(libraries: ChildLibraries | undefined, purpose: Purpose): string[] {
  if (!libraries) return [childEntry];
  const { snapshot, compiled } = libraries;
  const begun = `--snapshot-blob=${snapshot}`;
  if (purpose === 'snapshot') return [begun, '--build-snapshot', join(compiled, snapshotProgramName)];
  return [begun, childEntry];
}

async function departure(child: ChildProcess): Promise<Departure> {
  let words = '';
  let heard = 0;
  child.stderr?.on('data', (data: Buffer) => {
    words = (words + data.subarray(-mostWords).toString()).slice(-mostWords);
    heard += data.length;
    if (heard > mostHeardBytes) child.stderr?.destroy();
  });
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (!child.stderr?.closed) await once(child.stderr as NodeJS.ReadableStream, 'close');
    return { words, crashed: signal !== null || (code ?? 0) >= fromSignal };
  } catch (error) {
    return { words: error instanceof Error ? error.message : String(error), crashed: false }; // it could not be started
  }
}

/** A snapshot that was made under them could not be given others. */
function permissions(scratch: string, libraries: ChildLibraries | undefined): string[] {
  return [
    '--permission',
    ...[...readable(), ...lookedAt].map((path) => `--allow-fs-read=${path}`),
    // Node uses a compile cache only where it may write; that bubblewrap mounts it read-only is what keeps it as it is.
    ...(libraries ? [`--allow-fs-read=${libraries.compiled}/`, `--allow-fs-write=${libraries.compiled}/`] : []),
    `--allow-fs-read=${scratch}/`,
    `--allow-fs-write=${scratch}/`,
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
  ];
}

/** Most scripts are over before better compiled code would have paid: a function must be called ten times as often as usual. */
const compilers = ['--invocation-count-for-maglev=4000', '--invocation-count-for-turbofan=30000'];

/** Loading makes much that stays: with room for it from the start nothing is copied about. */
const memory = [
  `--max-old-space-size=${heapMiB}`,
  `--min-semi-space-size=${youngMiB}`,
  `--max-semi-space-size=${youngMiB}`,
  `--initial-old-space-size=${heapMiB}`,
];

/** A snapshot is read into buffers of its size twice: page by page, that took a sixth of the time of a start. */
const largePages = 'glibc.malloc.hugetlb=1';

/** bubblewrap's arguments; without a scratch folder for a trial. */
function walls(scratch?: string): string[] {
  const bound = [...systemLibraries(), ...limiters, nodeFile(), ...readable()].flatMap((path) => [
    '--ro-bind',
    path,
    path,
  ]);
  const own = scratch && ['--bind', scratch, scratch, '--chdir', scratch, '--setenv', 'HOME', scratch];
  return [
    '--unshare-all',
    ...['--unshare-user', '--disable-userns'],
    '--die-with-parent',
    '--new-session',
    '--clearenv',
    ...['--cap-drop', 'ALL'],
    ...['--tmpfs', '/'],
    ...bound,
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    ...(own ? [...own, '--setenv', 'TMPDIR', scratch] : []),
  ];
}

/** Last of bubblewrap's arguments: what is written there lies in memory, which nobody would count. */
const sealed = ['--remount-ro', '/', '--remount-ro', '/dev'];

function mounts(libraries: ChildLibraries, purpose: Purpose): string[] {
  const standIns = libraries.standIns.flatMap(({ file, as }) => ['--ro-bind', file, as]);
  const cache = libraries.compiled;
  return [
    ...standIns,
    ...[purpose === 'run' ? '--ro-bind' : '--bind', cache, cache],
    ...['--setenv', 'NODE_COMPILE_CACHE', cache],
    ...['--setenv', 'GLIBC_TUNABLES', largePages],
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
  const shared = join(dirname(packageFile), 'sentinel', 'protocol', 'use-options.ts'); // where packaging bundles, the child has it
  return [
    packageFile,
    childCode,
    ...(existsSync(shared) ? [shared] : []),
    ...['playwright', 'playwright-core', 'acorn'].map(folderOf),
  ];
}
