import { globSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

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
    for (const path of [scratch, uploads]) await rm(path, removal);
  };
  return { scratch, uploads, remove };
}

/** Takes away what runs of a killed sentinel left; a folder belongs to one sentinel at a time. */
export async function sweepRunFolders(folder: string): Promise<void> {
  for (const path of globSync('{scratch,uploads}-*', { cwd: folder })) await rm(join(folder, path), removal);
}
