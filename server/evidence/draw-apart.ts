import { type ChildProcess, fork } from 'node:child_process';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Order {
  content: Uint8Array;
  /** Largest that it may be (pixels). */
  within: { width: number; height: number };
}

export type Drawn = { content: Uint8Array; width: number; height: number } | { refused: string };

/** A process of its own that draws pictures, one after the other. */
export interface Drawer {
  draw(order: Order): Promise<Drawn>;
}

/** It is let go after so long without a picture. */
const idleMs = 60_000;
/** The decoder gives up before. */
const longestMs = 30_000;
/** One that was killed may have been so for another's sake: the picture is tried once more. */
const tries = 2;
/** Twice what the largest picture takes, beside what Node has. */
const mostBytes = 1024 * 1024 * 1024;

const root = join(import.meta.dirname, '../..');
const [packages = ''] = fileURLToPath(import.meta.resolve('sharp')).split(`${sep}sharp${sep}`);

/**
 * The process is started with the first picture. It has nothing of the server's: no environment, no keys in its memory, on
 * Linux but so much memory, and where bubblewrap works no network and no file but its own program. A picture over which it
 * dies, or takes too long, is refused; the next begins another.
 */
export function openDrawer(program = join(import.meta.dirname, 'drawer.ts')): Drawer {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function draw(order: Order): Promise<Drawn> {
    clearTimeout(idle);
    for (let left = tries; ; left--) {
      child ??= await begin(program);
      const drawn = await answerOf(child, order);
      if (typeof drawn === 'object') {
        const begun = child;
        idle = setTimeout(() => begun.kill('SIGKILL'), idleMs).unref();
        return drawn;
      }
      child = undefined;
      if (left === 1 || drawn === 'late') return { refused: reasons[drawn] };
    }
  }

  return {
    draw(order) {
      const drawn = last.then(() => draw(order));
      last = drawn.catch(() => {});
      return drawn;
    },
  };
}

const reasons = { died: 'the process that draws it died of it', late: 'drawing it takes too long' };

/** What the process says of the picture; else it is gone. */
async function answerOf(child: ChildProcess, order: Order): Promise<Drawn | keyof typeof reasons> {
  const answer = Promise.withResolvers<Drawn | keyof typeof reasons>();
  const end = () => answer.resolve('died');
  const late = setTimeout(() => answer.resolve('late'), longestMs);
  child.once('message', answer.resolve).once('exit', end).once('error', end);
  child.channel?.ref();
  child.ref();
  if (child.connected) child.send(order, (error) => error && end());
  else end();
  try {
    const drawn = await answer.promise;
    if (typeof drawn !== 'object') child.kill('SIGKILL');
    return drawn;
  } finally {
    clearTimeout(late);
    child.off('message', answer.resolve).off('exit', end).off('error', end);
    child.channel?.unref();
    child.unref();
  }
}

/** With as much around it as this machine gives. Throws where no process can be begun at all. */
async function begin(program: string): Promise<ChildProcess> {
  for (const [command = process.execPath, ...args] of waysAround(program)) {
    const child = fork(program, {
      ...{ execPath: command, execArgv: args, env: {}, cwd: '/' },
      ...{ serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    });
    const isReady = new Promise((resolve) => {
      child.once('message', () => resolve(true)).once('exit', () => resolve(false));
      child.on('error', () => resolve(false));
    });
    const late = setTimeout(() => child.kill('SIGKILL'), longestMs);
    const works = await isReady;
    clearTimeout(late);
    if (works) return child.removeAllListeners('exit');
  }
  throw new Error('no process can be begun that draws pictures');
}

/** What may be put before the program, the most first. */
function waysAround(program: string): readonly (readonly string[])[] {
  if (process.platform !== 'linux') return [[]];
  const limits = ['/usr/bin/prlimit', '--core=0', `--data=${mostBytes}`];
  const readable = [dirname(process.execPath), packages, dirname(program), join(root, 'package.json')];
  const walls = [
    ...['/usr/bin/bwrap', '--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...['/usr/lib', '/usr/lib64', '/lib', '/lib64'].flatMap((path) => ['--ro-bind-try', path, path]),
    ...readable.flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--chdir', '/'],
  ];
  return [[...limits, ...walls, process.execPath], [...limits, process.execPath], []];
}
