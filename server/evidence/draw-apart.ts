import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { isWebp } from './formats.ts';

export interface Order {
  content: Uint8Array;
  /** Largest that it may be (pixels). */
  within: { width: number; height: number };
}

export type Drawn = { content: Uint8Array; width: number; height: number } | { refused: string };

/** Not drawn, and it can't be told yet whether the picture or the machine is at fault: to be asked again. */
export interface Undecided {
  undecided: string;
}

/** What the process is sent, and what it says of it, by the same number. */
export type Asked = Order & { number: string };
export type Answered = { drawn: Drawn; number: string };

/** What is around the process: `bubblewrap`, kernel's `limits` alone, or `nothing` but that it is another process. */
export type Walls = 'bubblewrap' | 'limits' | 'nothing';

/** A process of its own that draws the pictures of one owner, one after the other; who has others gets another. */
export interface Drawer {
  draw(owner: string, order: Order): Promise<Drawn | Undecided>;
  /** Of the process that was begun last, if any was. */
  readonly walls: Walls | undefined;
}

/** It is let go after so long without a picture. */
const idleMs = 60_000;
/** The decoder gives up before. */
const longestMs = 30_000;
/** Of so many pictures it is remembered that a process died of them, or of something else in that moment. */
const mostSuspects = 1000;
/** Twice what the largest picture takes, beside what Node has. */
const mostBytes = 1024 * 1024 * 1024;

const root = join(import.meta.dirname, '../..');
const [packages = ''] = fileURLToPath(import.meta.resolve('sharp')).split(`${sep}sharp${sep}`);

/**
 * The process is started with the first picture. It has nothing of the server's: no environment, no keys in its memory, on
 * Linux but so much memory, and where bubblewrap works no network and no file but its own program. What gets the better of
 * it sees no picture of another owner. One that was killed may have been so for another's sake, a short memory's say: the
 * picture is refused if a process that had just begun ends, or takes too long, when it is asked for another time.
 */
export function openDrawer(program = join(import.meta.dirname, 'drawer.ts')): Drawer {
  let current: { child: ChildProcess; owner: string } | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const suspects = new Set<string>();
  let walls: Walls | undefined;

  function letGo(): void {
    clearTimeout(idle);
    current?.child.kill('SIGKILL');
    current = undefined;
  }

  async function draw(owner: string, order: Order): Promise<Drawn | Undecided> {
    clearTimeout(idle);
    if (current?.owner !== owner) letGo();
    const isNew = current === undefined;
    if (!current) {
      const begun = await begin(program);
      walls = begun.walls;
      current = { child: begun.child, owner };
    }
    const drawn = await answerOf(current.child, order);
    if (typeof drawn !== 'object') {
      letGo();
      return isNew || drawn === 'late' ? suspect(order, drawn) : draw(owner, order);
    }
    suspects.delete(hashOf(order));
    idle = setTimeout(letGo, idleMs).unref();
    return drawn;
  }

  function suspect(order: Order, ended: keyof typeof reasons): Drawn | Undecided {
    const hash = hashOf(order);
    if (suspects.delete(hash)) return { refused: reasons[ended] };
    suspects.add(hash);
    for (const oldest of suspects) if (suspects.size > mostSuspects) suspects.delete(oldest);
    return { undecided: reasons[ended] };
  }

  return {
    get walls() {
      return walls;
    },
    draw(owner, order) {
      const drawn = last.then(() => draw(owner, order));
      last = drawn.catch(() => {});
      return drawn;
    },
  };
}

const reasons = {
  died: 'the process that draws it died of it',
  late: 'drawing it takes too long',
  lied: 'the process that draws it gave something else than a picture',
};

function hashOf({ content }: Order): string {
  return createHash('sha256').update(content).digest('base64url');
}

/** What the process says of the picture, if it may be believed; else it is no more to be used. */
async function answerOf(child: ChildProcess, order: Order): Promise<Drawn | keyof typeof reasons> {
  const answer = Promise.withResolvers<Drawn | keyof typeof reasons>();
  const number = randomUUID();
  const Answer = answerTo(number, order);
  const end = () => answer.resolve('died');
  const hear = (message: unknown) => answer.resolve(Answer.safeParse(message).data?.drawn ?? 'lied');
  const late = setTimeout(() => answer.resolve('late'), longestMs);
  child.on('message', hear).once('exit', end).once('error', end);
  child.channel?.ref();
  child.ref();
  if (child.connected) child.send({ ...order, number } satisfies Asked, (error) => error && end());
  else end();
  try {
    return await answer.promise;
  } finally {
    clearTimeout(late);
    child.off('message', hear).off('exit', end).off('error', end);
    child.channel?.unref();
    child.unref();
  }
}

/** Whoever has got the better of the decoder sends what they like. */
function answerTo(number: string, { within }: Order): z.ZodType<Answered> {
  const content = z.instanceof(Uint8Array).refine(isWebp);
  const side = (most: number) => z.int().min(1).max(most);
  const picture = z.object({ content, width: side(within.width), height: side(within.height) });
  return z.object({ number: z.literal(number), drawn: z.union([picture, z.object({ refused: z.string().max(200) })]) });
}

/** With as much around it as this machine gives. Throws where no process can be begun at all. */
async function begin(program: string): Promise<{ child: ChildProcess; walls: Walls }> {
  for (const [walls, [command = process.execPath, ...args]] of waysAround(program)) {
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
    if (works) return { child: child.removeAllListeners('exit'), walls };
  }
  throw new Error('no process can be begun that draws pictures');
}

/** What may be put before the program, the most first. */
function waysAround(program: string): readonly (readonly [Walls, readonly string[]])[] {
  if (process.platform !== 'linux') return [['nothing', []]];
  const limits = ['/usr/bin/prlimit', '--core=0', `--data=${mostBytes}`];
  const readable = [dirname(process.execPath), packages, dirname(program), join(root, 'package.json')];
  const bubblewrap = [
    ...['/usr/bin/bwrap', '--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...['/usr/lib', '/usr/lib64', '/lib', '/lib64'].flatMap((path) => ['--ro-bind-try', path, path]),
    ...readable.flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--chdir', '/'],
  ];
  return [
    ['bubblewrap', [...limits, ...bubblewrap, process.execPath]],
    ['limits', [...limits, process.execPath]],
    ['nothing', []],
  ];
}
