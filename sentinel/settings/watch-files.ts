import { type FSWatcher, watch } from 'node:fs';

/** The system tells of changes, or does not: it watches so many files for each user, and some file systems not at all. */
export interface FileWatch extends Disposable {
  readonly works: boolean;
}

/** Calls `onChange` when something may have happened to one of the files `names` in `folder`, or when it stops telling. */
export function watchFiles(folder: string, names: readonly string[], onChange: () => void): FileWatch {
  let watcher: FSWatcher | undefined;
  const close = () => {
    watcher?.close();
    watcher = undefined;
  };
  try {
    watcher = watch(folder, { persistent: false });
    watcher.on('change', (_, name) => {
      if (name === null || names.includes(String(name))) onChange();
    });
    watcher.on('error', () => {
      close();
      onChange();
    });
  } catch {
    // then nothing tells of changes, as whoever asks `works` knows
  }
  return {
    get works() {
      return watcher !== undefined;
    },
    [Symbol.dispose]: close,
  };
}
