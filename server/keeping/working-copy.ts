import { randomUUID } from 'node:crypto';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFile } from '../../db/remove-file.ts';
import { Refused } from '../http/refused.ts';

/** How working copies in the data folder are called. */
export const workingCopyPrefix = 'import-';

interface WorkingCopy<Opened> extends AsyncDisposable {
  opened: Opened;
}

/**
 * Copies the file of an export or a backup into the data folder and opens the copy, which is gone when it is disposed of.
 * The file itself stays as it is: it may be on something that can't be written, and an older one is migrated when it is
 * opened. Throws `Refused` where there is no such file, and as `open`.
 */
export async function workingCopy<Opened>(
  dataFolder: string,
  from: string,
  open: (path: string) => Promise<Opened>,
  close: (opened: Opened) => PromiseLike<void>,
): Promise<WorkingCopy<Opened>> {
  const path = join(dataFolder, `${workingCopyPrefix}${randomUUID()}.sqlite`);
  try {
    copyFileSync(from, path);
    chmodSync(path, 0o600);
    const opened = await open(path);
    return {
      opened,
      async [Symbol.asyncDispose]() {
        await close(opened);
        removeFile(path);
      },
    };
  } catch (error) {
    removeFile(path);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new Refused(`there is no file ${from}`);
    if (code === 'EISDIR') throw new Refused(`${from} is a folder, and a file is wanted`);
    throw error;
  }
}
