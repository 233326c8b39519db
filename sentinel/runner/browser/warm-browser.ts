import { meter } from '../sandbox/usage.ts';
import type { Chromium } from './chromium.ts';

/** When a browser is renewed between two runs, so that what leaks in a browser never grows. */
export interface Wear {
  runs: number;
  /** Memory that it has left when its runs are over. */
  bytes: number;
}

const usual: Wear = { runs: 200, bytes: 1024 * 1024 * 1024 };

export interface WarmBrowser {
  /** Of the one that was started last. */
  readonly version: string | undefined;
  /** Resolves when a browser waits for a run; rejects if none can be started. */
  ready(): Promise<Chromium>;
  /** The browser for a run. */
  get(): Promise<Chromium>;
  /** No run has it any more: it is let go unless one comes in time. */
  rest(): void;
  close(): Promise<void>;
}

export interface Keeping {
  wear?: Wear | undefined;
  /** How long it is kept for the next run, ms; left out, for ever. */
  idleMs?: (() => number) | undefined;
}

/** Keeps one browser ready, and has a new one started when it has died, served its runs or grown. */
export function warmBrowser(
  open: () => Promise<Chromium>,
  log: (line: string) => void,
  { wear = usual, idleMs }: Keeping = {},
): WarmBrowser {
  let starting: Promise<Chromium | undefined> | undefined;
  let latest: Chromium | undefined;
  let version: string | undefined;
  let runs = 0;
  /** What it had left after its last run, once somebody looked: the look goes through all processes of the device. */
  let left: number | undefined;
  let resting: NodeJS.Timeout | undefined;

  const start = async () => {
    if (latest) {
      log(latest.alive ? 'the browser is renewed' : 'the browser had died and is started again');
      await latest.close();
    }
    runs = 0;
    left = undefined;
    latest = await open();
    version = latest.version;
    return latest;
  };

  const isWorn = async () => {
    if (!latest) return false;
    if (!latest.alive || runs >= wear.runs) return true;
    left ??= await memoryOf(latest);
    return left > wear.bytes;
  };

  const renewed = async (before: typeof starting): Promise<Chromium> => {
    const browser = await before?.catch(() => undefined); // it could not be started: now it may be
    return browser && !(await isWorn()) ? browser : start();
  };

  const letGo = async (before: typeof starting) => {
    await before?.catch(() => {}); // then there is none to let go
    await latest?.close();
    if (latest) log('the browser is let go: no run has needed it');
    latest = undefined;
    return undefined;
  };

  const rest = () => {
    clearTimeout(resting);
    if (!idleMs) return;
    resting = setTimeout(() => {
      starting = letGo(starting); // who asks meanwhile waits until it is gone, and gets another
    }, idleMs()).unref();
  };

  const ready = () => {
    const next = renewed(starting);
    next.catch(() => {}); // who asked for it hears of it
    starting = next;
    rest();
    return next;
  };

  return {
    get version() {
      return version;
    },
    ready,
    async get() {
      const asked = ready();
      clearTimeout(resting);
      const browser = await asked;
      runs++;
      left = undefined;
      return browser;
    },
    rest,
    async close() {
      clearTimeout(resting);
      await starting?.catch(() => {});
      await latest?.close();
    },
  };
}

/** 0 where the system does not tell. */
async function memoryOf({ pid }: Chromium): Promise<number> {
  const processes = meter();
  processes.add({ root: pid, fromStart: true });
  const [browser] = (await processes.read().catch(() => undefined)) ?? [];
  return browser?.bytes ?? 0;
}
