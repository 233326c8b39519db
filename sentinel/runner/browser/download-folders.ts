import { closeSync, constants, openSync } from 'node:fs';
import { isInside, isTrulyInside, truePath } from './uploads.ts';

/** The folders of a run's scratch folder that downloads are put in. */
export interface DownloadFolders {
  /** A path for the browser to a folder the child named; none unless it truly lies in the scratch folder. */
  pathOf(path: string): string | undefined;
  close(): void;
}

/** Playwright names one for all its contexts. */
const mostFolders = 10;

/**
 * A path alone says nothing: after it was looked at, the child could put a link in its place, and the browser, which is
 * outside, would follow it. On Linux the folder is held open, and the browser gets a path that leads to just that folder.
 */
export function downloadFolders(scratch: string): DownloadFolders {
  const open = new Map<string, number>();

  const hold = (path: string): number | undefined => {
    if (!isInside(scratch, path) || open.size >= mostFolders) return undefined;
    let folder: number | undefined;
    try {
      folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      if (isInside(scratch, truePath(folder, path))) {
        open.set(path, folder);
        return folder;
      }
    } catch {
      return undefined; // not there, or no folder
    }
    closeSync(folder);
    return undefined;
  };

  return {
    pathOf(path) {
      if (process.platform !== 'linux') return isTrulyInside(scratch, path) ? path : undefined;
      const folder = open.get(path) ?? hold(path);
      return folder === undefined ? undefined : `/proc/${process.pid}/fd/${folder}`;
    },
    close() {
      for (const folder of open.values()) closeSync(folder);
      open.clear();
    },
  };
}
