import { rmSync } from 'node:fs';

/** Removes a database that is a file, if it is there, with what SQLite lays beside it. Nobody may have it open. */
export function removeFile(path: string): void {
  // The file last: a database that is made anew beside a log of the one before would take that in.
  for (const end of ['-wal', '-shm', '']) rmSync(path + end, { force: true });
}
