import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { EntryLedger } from './entry-ledger.ts';
import type { Report } from './report.ts';
import { SpoolLedger } from './spool-ledger.ts';
import { straceMissing } from './strace.ts';

const imageMiB = 48;
/** The file system writes nothing by itself for so long: what is on the disk has been synced. */
const options = 'loop,commit=300';

/** What is done on the disk, and what is known of it. */
interface Work {
  bar: string;
  /** A program that is given a folder on the disk, and prints a line `has …` for all that it was told is safe. */
  worker: string;
  newLedger(): { confirmed: number; hear(output: string): void; faults(home: string): string[] };
}

const spool: Work = {
  bar: 'A3',
  worker: path.join(import.meta.dirname, 'spool-worker.ts'),
  newLedger: () => new SpoolLedger(),
};
const archive: Work = {
  bar: 'F2',
  worker: path.join(import.meta.dirname, 'archive-worker.ts'),
  newLedger: () => new EntryLedger(),
};

/** Of a spool: see `cut`. */
export function powerCut(folder: string, rounds: number): Promise<Report> {
  return cut(spool, folder, rounds);
}

/** Of the archive's folder. */
export function archivePowerCut(folder: string, rounds: number): Promise<Report> {
  return cut(archive, folder, rounds);
}

/**
 * Power cut: a process works on a file system in an image file; it is stopped, and the image copied as it is,
 * still mounted. So the copy has what had reached the disk, and nothing else. It must hold what was confirmed. In as many
 * control rounds syncs do nothing; unless those lose something, the test sees nothing.
 */
async function cut(subject: Work, folder: string, rounds: number): Promise<Report> {
  const missing = straceMissing() ?? mountMissing(folder);
  if (missing) return { bar: subject.bar, notRun: missing };
  const sum = { rounds: 0, confirmed: 0, controlRounds: 0, controlRoundsThatLost: 0 };
  const faults: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    const real = await oneRound(subject, folder, true);
    faults.push(...real.faults.map((fault) => `round ${round}: ${fault}`));
    sum.rounds++;
    sum.confirmed += real.confirmed;
    const control = await oneRound(subject, folder, false);
    sum.controlRounds++;
    if (control.faults.length > 0) sum.controlRoundsThatLost++;
  }
  if (sum.controlRoundsThatLost <= 0.9 * sum.controlRounds)
    faults.push('without syncs too little was lost: this test is blind');
  return { bar: subject.bar, faults, figures: sum };
}

async function oneRound(
  subject: Work,
  folder: string,
  syncs: boolean,
): Promise<{ confirmed: number; faults: string[] }> {
  const [disk, copy] = [path.join(folder, 'disk.img'), path.join(folder, 'copy.img')];
  makeImage(disk);
  const ledger = subject.newLedger();
  {
    using mounted = mount(disk, path.join(folder, 'disk'));
    const home = path.join(mounted.folder, 'home');
    fs.mkdirSync(home);
    sync(mounted.folder);
    ledger.hear(await work(subject, home, 5 + Math.floor(Math.random() * 60), syncs));
    run('cp', ['--sparse=always', disk, copy]);
  }
  using mounted = mount(copy, path.join(folder, 'copy'));
  return { confirmed: ledger.confirmed, faults: whatIsWrong(ledger, path.join(mounted.folder, 'home')) };
}

/** A home that can't even be opened any more has lost all that was confirmed. */
function whatIsWrong(ledger: ReturnType<Work['newLedger']>, home: string): string[] {
  try {
    return ledger.faults(home);
  } catch (error) {
    return [`it can't be opened: ${error instanceof Error ? error.message : error}`];
  }
}

/** Lets a worker confirm so many runs, and ends it in the midst of its work; returns what it said. */
async function work({ worker }: Work, home: string, confirmed: number, syncs: boolean): Promise<string> {
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', worker, home];
  const withoutSyncs = [
    'strace',
    '-f',
    '-qq',
    '--seccomp-bpf',
    '-o',
    '/dev/null',
    '-e',
    'inject=fsync,fdatasync:retval=0',
  ];
  const [file = '', ...args] = syncs ? program : [...withoutSyncs, ...program];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let output = '';
  const ended = new Promise((done) => child.once('close', done));
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
    if (output.split('\nhas ').length > confirmed && child.pid) killGroup(child.pid);
  });
  await ended;
  return output;
}

/** The worker too, where strace is around it. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

function makeImage(file: string): void {
  fs.rmSync(file, { force: true });
  run('truncate', ['-s', `${imageMiB}M`, file]);
  run('mkfs.ext4', ['-q', '-F', file]);
}

function mount(image: string, folder: string): { folder: string } & Disposable {
  fs.mkdirSync(folder, { recursive: true });
  run('mount', ['-o', options, image, folder]);
  return { folder, [Symbol.dispose]: () => run('umount', [folder]) };
}

function sync(folder: string): void {
  run('sync', ['-f', folder]);
}

/** Why an image can't be mounted here, if so. */
function mountMissing(folder: string): string | undefined {
  if (process.getuid?.() !== 0) return 'mounting an image takes root';
  try {
    const image = path.join(folder, 'try.img');
    makeImage(image);
    using _mounted = mount(image, path.join(folder, 'try'));
    return undefined;
  } catch (error) {
    return `no image can be mounted here: ${error instanceof Error ? error.message : error}`;
  }
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`${program}: ${error?.message ?? stderr.trim().slice(0, 200)}`);
}
