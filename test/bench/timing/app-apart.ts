import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface AppApart {
  url: string;
  /** As of `AnsweringApp`. */
  takeTimes(): Promise<number[]>;
  [Symbol.dispose](): void;
}

/**
 * The answering application in a process of its own, as applications are: it answers at once whatever the sentinel does, and
 * knows when it was asked, not when the sentinel let it look.
 */
export async function startAppApart(): Promise<AppApart> {
  const app = fork(join(import.meta.dirname, 'app.ts'));
  const [url] = (await once(app, 'message')) as [string];
  return {
    url,
    async takeTimes() {
      app.send('times');
      return ((await once(app, 'message')) as [number[]])[0];
    },
    [Symbol.dispose]: () => app.disconnect(),
  };
}
