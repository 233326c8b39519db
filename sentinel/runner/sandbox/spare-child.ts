import { newRunFolders, type RunFolders } from './run-folders.ts';
import { type Child, type Sandbox, startChild } from './sandbox.ts';

/** A child that was given nothing of a run yet, with the folders it was started for. */
export interface FreshChild {
  child: Child;
  folders: RunFolders;
}

export interface SpareChild {
  /** Starts a child ahead of the next run if it can, unless one waits already. */
  prepare(): void;
  /** The child that waits, else one that is started now. Nobody else gets it. */
  take(): FreshChild;
  close(): Promise<void>;
}

/** Loading is most of what a child costs: one that is started ahead has done it when its run begins. */
export function spareChild(sandbox: Sandbox, folder: string): SpareChild {
  let spare: FreshChild | undefined;

  const start = (): FreshChild => {
    const folders = newRunFolders(folder);
    try {
      return { child: startChild(sandbox, folders.scratch), folders };
    } catch (error) {
      void folders.remove().catch(() => {}); // as below
      throw error;
    }
  };

  const startIfPossible = () => {
    try {
      return start();
    } catch {
      return undefined; // a full disk, say: the run meets the same, and tells
    }
  };

  const remove = async ({ child, folders }: FreshChild) => {
    await child.kill();
    await folders.remove();
  };

  return {
    prepare() {
      if (spare) return;
      const started = startIfPossible();
      if (!started) return;
      spare = started;
      // One that ends while nobody needs it is nobody's loss.
      void started.child.gone.then(() => {
        if (spare !== started) return;
        spare = undefined;
        void remove(started).catch(() => {}); // is tried again when the sentinel starts
      });
    },
    take() {
      const taken = spare ?? start();
      spare = undefined;
      return taken;
    },
    async close() {
      const left = spare;
      spare = undefined;
      if (left) await remove(left);
    },
  };
}
