import {
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { basename, isAbsolute, join, relative } from 'node:path';

const mostBytes = 64 * 1024 * 1024;

/**
 * Copies files that a script wants to give to a page to where the child can't change them any more, and gives each copy's
 * path; none unless it is a plain file that truly lies in the scratch folder. A path alone says nothing: the child could
 * lead it elsewhere before the browser, which is outside, opens it. One command may name a file any number of times, so no
 * more is copied than the run may have on disk.
 */
export function uploads(scratch: string, into: string, mostOfAll: Room, onTooMuch: () => void) {
  const left = { ...mostOfAll };
  const isFull = () => left.bytes < 0 || left.files < 0;
  return (path: string): string | undefined => {
    const content = isFull() ? undefined : readInside(path, scratch, mostBytes);
    if (!content) return undefined;
    left.bytes -= content.length;
    left.files--;
    if (isFull()) return void onTooMuch();
    const copy = join(mkdtempSync(join(into, 'upload-')), basename(path));
    writeFileSync(copy, content);
    return copy;
  };
}

interface Room {
  bytes: number;
  files: number;
}

/** A plain file that truly lies in a folder that others write to; none if it doesn't, or is larger than `mostBytes`. */
export function readInside(path: string, folder: string, mostBytes: number): Buffer | undefined {
  if (!isInside(folder, path)) return undefined;
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = fstatSync(file);
    if (!fstatSync(file).isFile() || size > mostBytes || !isInside(folder, truePath(file, path))) return undefined;
    return readFileSync(file);
  } catch {
    return undefined; // not there, or not to be read: refused like any other
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether a path, as it is written, lies in a folder. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return isAbsolute(path) && way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

/** Whether a folder truly lies in another, links followed. */
export function isTrulyInside(folder: string, path: string): boolean {
  try {
    return isInside(folder, path) && isInside(folder, realpathSync(path));
  } catch {
    return false;
  }
}

/** Where an open file or folder truly lies. */
export function truePath(file: number, path: string): string {
  return process.platform === 'linux' ? readlinkSync(`/proc/self/fd/${file}`) : realpathSync(path);
}
