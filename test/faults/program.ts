import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { processesNaming } from './processes.ts';
import { until } from './until.ts';

const root = resolve(import.meta.dirname, '../..');

// A test that is called off ends by way of `exit`, where its programs are ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

export interface ProgramSettings {
  /** Program from the package's root and its arguments. */
  command: readonly string[];
  /** The folder it works in; whatever it starts carries this in its command line or environment. */
  folder: string;
  env?: Record<string, string>;
  /** File into which its system calls on the network, and those of all it starts, are written. */
  traceTo?: string | undefined;
}

/** A program of ours at work in a process of its own. */
export interface Program {
  readonly pid: number;
  lastWords(): string;
  /** Throws with its last words if it has ended. */
  mustRun(): void;
  /** SIGKILL for it alone, as a crash would end it. Returns once nothing that it had started runs any more. */
  kill(): Promise<void>;
  /** SIGTERM. Throws with its last words if it doesn't end as it should. */
  stop(): Promise<void>;
}

/** `-D`: the program keeps its own process id, and gets its signals itself. */
function tracer(file: string): string[] {
  return [
    'strace',
    '-D',
    '-f',
    '-qq',
    '-yy',
    '-o',
    file,
    '-e',
    'trace=connect,sendto,sendmsg,sendmmsg',
    '-e',
    'signal=none',
  ];
}

/** Starts a program; it has printed its first line when this returns. Rejects with its last words if it ends before. */
export async function startProgram({ command, folder, env = {}, traceTo }: ProgramSettings): Promise<Program> {
  const [file = '', ...args] = command;
  const ours = [process.execPath, '--disable-warning=ExperimentalWarning', resolve(root, file), ...args];
  const [program = '', ...rest] = traceTo === undefined ? ours : [...tracer(traceTo), ...ours];
  const child = spawn(program, rest, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      words = (words + data.toString()).slice(-4000);
    });
  }
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const withUs = () => child.kill('SIGKILL');
  process.once('exit', withUs);
  void ended.then(() => process.off('exit', withUs));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const mustRun = () => {
    if (hasEnded()) throw new Error(`${file} ended (${child.exitCode ?? child.signalCode}): ${words.trim()}`);
  };
  await Promise.race([new Promise((line) => child.stdout.once('data', line)), ended.then(mustRun)]);
  return {
    pid: child.pid ?? 0,
    lastWords: () => words.trim(),
    mustRun,
    async kill() {
      child.kill('SIGKILL');
      await ended;
      await until(`what ${file} had started has ended too`, () => processesNaming(folder).length === 0);
    },
    async stop() {
      mustRun();
      child.kill('SIGTERM');
      await ended;
      if (child.exitCode !== 0) mustRun();
    },
  };
}
