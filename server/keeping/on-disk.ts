import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../../certs/private-file.ts';

/** Returns once the file's content is on the disk; its name is once its folder is. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+'); // Windows syncs none that was opened for reading alone
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The same for all that is in a folder, with their names. No database among them may be open in this process: closing a
 * file drops every lock the process has on it, and SQLite's next user elsewhere would take the log of the database away.
 */
export function syncAll(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncAll(path);
    else syncFile(path);
  }
  syncFolder(folder);
}
