import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { namesIn } from '../names-in.ts';
import { trimmedFiles, trimming } from './trim.ts';

/** What children load, made ready once so that each of them takes a fraction of the time. */
export interface ChildLibraries {
  /** Files that stand in for files of the installed packages: where they lie, and where a child finds them. */
  standIns: readonly { file: string; as: string }[];
  /** Folder of Node's compile cache. A child can't write there: no script decides what another run executes. */
  compiled: string;
  /** The snapshot in it, which children begin with. */
  snapshot: string;
}

const prefix = 'child-libraries-';
const playwrightCore = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));

/** What nobody used for so long belongs to a version that is gone. */
const unusedMs = 30 * 86_400_000;

/**
 * The libraries in `folder`, which several sentinels of one user may share; made there unless they lie there already. They
 * belong to this build of Node, this version of Playwright and of `code`. `make` makes the snapshot. If nothing comes of it there are
 * none, and children load the installed packages as they are.
 */
export async function childLibraries(
  folder: string,
  code: readonly string[],
  make: (libraries: ChildLibraries) => Promise<void>,
): Promise<ChildLibraries | undefined> {
  const ready = join(folder, prefix + hashOf([process.version, ...installedFacts(), trimming, ...code]));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await sweep(folder, ready);
  if (existsSync(ready)) {
    if (isWhole(ready)) return used(ready);
    rmSync(ready, removal);
  }
  const fresh = mkdtempSync(join(folder, prefix));
  try {
    for (const [name, trimmed] of Object.entries(trimmedFiles))
      writeFileSync(join(fresh, name), trimmed(readFileSync(installed(name), 'utf8')));
    mkdirSync(join(fresh, 'compiled'));
    await make(librariesIn(fresh));
    if (existsSync(librariesIn(fresh).snapshot)) {
      writeFileSync(join(fresh, listName), listOf(fresh));
      syncAll(fresh);
      renameSync(fresh, ready);
    }
  } catch {
    // another sentinel was quicker, or the rehearsal was broken off: what is there counts
  }
  await rm(fresh, removal);
  return existsSync(ready) ? used(ready) : undefined;
}

const removal = { recursive: true, force: true, maxRetries: 5 };
const listName = 'list';

/** Tells the installed files, and Node, whose snapshots are for its own build alone, from those of another version, without reading them: that would take a start longer than all else. */
function installedFacts(): string[] {
  const { version } = JSON.parse(readFileSync(join(playwrightCore, 'package.json'), 'utf8'));
  const facts = [process.execPath, ...Object.keys(trimmedFiles).map(installed)].map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${basename(file)} ${size} ${mtimeMs}`;
  });
  return [String(version), ...facts];
}

function installed(name: string): string {
  return join(playwrightCore, 'lib', name);
}

/** What V8 compiled it takes as it is. That what is listed has its content is `syncAll`'s doing. */
function isWhole(folder: string): boolean {
  try {
    return readFileSync(join(folder, listName), 'utf8') === listOf(folder);
  } catch {
    return false;
  }
}

function listOf(folder: string): string {
  const files = filesIn(folder).filter((path) => path !== join(folder, listName));
  return files.map((path) => `${relative(folder, path)} ${statSync(path).size}\n`).join('');
}

/** After a power cut files could be there without their content otherwise. */
function syncAll(folder: string): void {
  for (const path of filesIn(folder)) {
    const handle = openSync(path, 'r+');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}

function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort();
}

async function sweep(folder: string, ready: string): Promise<void> {
  for (const name of namesIn(folder).filter((one) => one.startsWith(prefix))) {
    const path = join(folder, name);
    if (path !== ready && Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > unusedMs)
      await rm(path, removal);
  }
}

function used(ready: string): ChildLibraries {
  const now = new Date();
  utimesSync(ready, now, now);
  return librariesIn(ready);
}

function librariesIn(folder: string): ChildLibraries {
  const standIns = Object.keys(trimmedFiles).map((name) => ({ file: join(folder, name), as: installed(name) }));
  const compiled = join(folder, 'compiled');
  return { standIns, compiled, snapshot: join(compiled, 'packages.snapshot') };
}

function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 32);
}
