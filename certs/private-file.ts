import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fchownSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A folder or file of ours can't be written; the message names the cause and what to do. */
export class FolderUnusable extends Error {
  override readonly name = 'FolderUnusable';
}

/** Makes `folder`, readable by its owner alone, or throws `FolderUnusable` if nothing can be written in it. */
export function openPrivateFolder(folder: string): void {
  explain(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const probe = `${folder}/.probe-${randomUUID()}`;
    writeFileSync(probe, '', { mode: 0o600 });
    rmSync(probe);
  });
}

/**
 * The content of `file`, which `make` gives if there is no such file yet. Of two programs that make it at once one
 * wins and both get the winner's. Only the owner may read it; after a crash it is whole or absent.
 */
export function keepPrivateFile(file: string, make: () => string): string {
  const present = readIfThere(file);
  if (present !== undefined) return present;
  explain(dirname(file), () => {
    const draft = writeDraft(file, make());
    try {
      linkSync(draft, file);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
    syncFolder(dirname(file));
  });
  return readFileSync(file, 'utf8');
}

/** Writes `file`, or replaces it whole; after a crash it holds the old content or the new, never a part. */
export function replacePrivateFile(file: string, content: string): void {
  explain(dirname(file), () => {
    renameSync(writeDraft(file, content), file);
    syncFolder(dirname(file));
  });
}

/** Whether there is such a file. Throws `FolderUnusable` where this user may not even know. */
export function isThere(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw unreadable(file, error);
  }
}

/** The content of `file`, or undefined if there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): FolderUnusable {
  return new FolderUnusable(`cannot read ${file} (${codeOf(cause)}): do this as the user whose file it is`, { cause });
}

function writeDraft(file: string, content: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}.draft`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    giveAway(handle, dirname(file));
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return draft;
}

/** What root writes in the folder of somebody else, such as a service's account, is for that one to read. */
function giveAway(handle: number, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  if (uid !== 0) fchownSync(handle, uid, gid);
}

/** Without it a power cut can take back the name of a file whose content is safe. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // a folder can't be opened there, and NTFS journals its names
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function explain(folder: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const next = 'do this as the user whose folder it is, or choose another one';
    throw new FolderUnusable(`cannot write in the folder ${folder} (${codeOf(error)}): ${next}`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
