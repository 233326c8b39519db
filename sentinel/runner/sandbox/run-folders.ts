import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../names-in.ts';

/** What one run may leave on disk while it goes. */
export interface RunFolders {
  /** The one folder that the child may write to. */
  scratch: string;
  /** Copies of files that the script gives to pages, out of the child's reach. */
  uploads: string;
  remove(): Promise<void>;
}

const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 };

export function newRunFolders(folder: string): RunFolders {
  const scratch = mkdtempSync(join(folder, 'scratch-'));
  const uploads = mkdtempSync(join(folder, 'uploads-'));
  const remove = async () => {
    for (const path of [scratch, uploads]) await removeWhole(path);
  };
  return { scratch, uploads, remove };
}

/**
 * Takes away what runs of a killed sentinel left; a folder belongs to one sentinel at a time. What can't be taken away stays,
 * and keeps no sentinel from starting.
 */
export async function sweepRunFolders(folder: string, log: (line: string) => void): Promise<void> {
  for (const name of namesIn(folder).filter((one) => /^(?:scratch|uploads)-/.test(one)))
    await removeWhole(join(folder, name)).catch((error) => log(`${name} of an earlier run can't be removed: ${error}`));
}

/** A script may have made paths that are too long for a removal by path, and folders that nobody may look into. */
async function removeWhole(folder: string): Promise<void> {
  await rm(folder, removal)
    .catch(() => rmSync(folder, removal))
    .catch(() => {
      openUp(folder);
      rmSync(folder, removal);
    });
}

function openUp(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) openUp(join(folder, entry.name));
}
