import type { Chromium } from './chromium.ts';
import { meter } from './usage.ts';

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
  close(): Promise<void>;
}

/** Keeps one browser ready, and has a new one started when it has died, served its runs or grown. */
export function warmBrowser(open: () => Promise<Chromium>, log: (line: string) => void, wear = usual): WarmBrowser {
  let starting: Promise<Chromium> | undefined;
  let latest: Chromium | undefined;
  let runs = 0;

  const start = async () => {
    if (latest) {
      log(latest.alive ? 'the browser is renewed' : 'the browser had died and is started again');
      await latest.close();
    }
    runs = 0;
    latest = await open();
    return latest;
  };

  const isWorn = async () => {
    if (!latest) return false;
    return !latest.alive || runs >= wear.runs || (await memoryOf(latest)) > wear.bytes;
  };

  const renewed = async (before: Promise<Chromium> | undefined): Promise<Chromium> => {
    const browser = await before?.catch(() => undefined); // it could not be started: now it may be
    return browser && !(await isWorn()) ? browser : start();
  };

  const ready = () => {
    starting = renewed(starting);
    starting.catch(() => {}); // who asked for it hears of it
    return starting;
  };

  return {
    get version() {
      return latest?.version;
    },
    ready,
    async get() {
      const browser = await ready();
      runs++;
      return browser;
    },
    async close() {
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
