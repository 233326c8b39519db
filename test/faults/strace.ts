import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const worker = path.join(import.meta.dirname, 'spool-worker.ts');

/** System calls by which a spool changes what is on the disk. */
export const writes = ['write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'link', 'unlink'] as const;
export const syncs = ['fsync', 'fdatasync'] as const;

export interface Traced {
  home: string;
  calls: readonly string[];
  /** What happens to a call, in the words of strace's `inject`; left out, they are only counted. */
  inject?: string;
  /** How many rounds the worker does. */
  count?: number;
}

export interface TraceEnd {
  /** What the worker said. */
  output: string;
  /** How many of the calls there were. */
  calls: number;
  /** How it ended: its exit code, or the signal's name. */
  end: string;
}

/** Why calls can't be traced here, if so. */
export function straceMissing(): string | undefined {
  const tried = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
  if (tried.error) return 'strace is not there (apt-get install strace)';
  return tried.status === 0 ? undefined : `strace may not trace here: ${tried.stderr.trim().slice(0, 200)}`;
}

/** Runs a `spool-worker`, with its calls on the spool's own files counted or tampered with. */
export async function traceWorker({ home, calls, inject, count = 12 }: Traced): Promise<TraceEnd> {
  const log = `${home}.strace`;
  const files = ['', 'spool.sqlite', 'spool.sqlite-wal', 'spool.sqlite-journal', 'key'].map((name) =>
    path.join(home, name),
  );
  const watched = files.flatMap((file) => ['-P', file.replace(/\/$/, '')]);
  const tamper = inject === undefined ? [] : ['-e', `inject=${calls}:${inject}`];
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', worker, home, String(count)];
  const args = ['-f', '-qq', '-o', log, ...watched, '-e', `trace=${calls}`, ...tamper, ...program];
  const env = { ...process.env, NODE_COMPILE_CACHE: path.join(path.dirname(home), 'compiled') };
  const child = spawn('strace', args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const end = await new Promise<string>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done(String(signal ?? code)));
  });
  const traced = fs
    .readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /^\d+ +\w+\(/.test(line));
  fs.rmSync(log);
  return { output, calls: traced.length, end };
}
