import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { ErrorCode } from '../../protocol/error-codes.ts';
import type { Usage } from '../../protocol/messages.ts';
import type { ChildError } from '../messages.ts';
import { bytesUnlinked } from './unlinked.ts';
import { meter, nothing, type Reading } from './usage.ts';

const MiB = 1024 * 1024;

/** What one run may use. Linux itself keeps some of these too, and more sharply; see kernel-limits.ts. */
export const most = {
  childBytes: 768 * MiB,
  /** The browser with all its pages. */
  browserBytes: 2048 * MiB,
  browserProcesses: 100,
  /** In the folders of the run: what the script wrote, downloads, and copies of what it uploads. */
  diskBytes: 512 * MiB,
  files: 2000,
  downloadBytes: 256 * MiB,
  /** Pages, frames that the browser runs apart, and workers. */
  targets: 100,
};

export const tooMuchOnDisk = `The run put more than ${inMiB(most.diskBytes)} or ${most.files} files on disk`;

const everyMs = process.platform === 'linux' ? 250 : 1000;

export interface Watched {
  child: number;
  folders: readonly string[];
  /** Processor time, of child and browser together. */
  cpuMs: number;
  /** Memory of child and browser together, where the device allows less than is usual. */
  memoryBytes?: number | undefined;
}

export interface LimitWatch {
  /** Resolves when the run has used more of something than it may. */
  readonly exceeded: Promise<ChildError>;
  /** From now on the run has this browser, the process at the root of which is named. */
  browserIs(pid: number): void;
  /** Says that it has. */
  exceed(what: string, code?: ErrorCode): void;
  /** What the run has used until now; none where the system does not tell. */
  usage(): Promise<Usage | undefined>;
  /** Whether that is less than half the processor time it may use. */
  hasRoom(): Promise<boolean>;
}

/** Watches what a run uses until `over`. */
export function watchLimits({ child, folders, cpuMs, memoryBytes }: Watched, over: AbortSignal): LimitWatch {
  const { promise: exceeded, resolve } = Promise.withResolvers<ChildError>();
  const exceed = (what: string, code: ErrorCode = 'SCRIPT_LIMIT') => resolve({ code, message: `${what}.` });
  const processes = meter();
  if (child > 0) processes.add({ root: child, fromStart: true }); // else it could not be started
  let peakMemoryBytes = 0;
  let cpuUs: number | undefined;
  let ofScript: readonly number[] = [];

  const look = async () => {
    const [ofChild, ofBrowser = nothing] = (await processes.read()) ?? [];
    if (!ofChild) return;
    peakMemoryBytes = Math.max(peakMemoryBytes, ofChild.bytes + ofBrowser.bytes);
    cpuUs = ofChild.cpuUs + ofBrowser.cpuUs;
    ofScript = ofChild.pids;
    judge(ofChild, ofBrowser);
  };

  const judge = (ofChild: Reading, ofBrowser: Reading) => {
    if (ofChild.bytes > most.childBytes) exceed(`The script used more than ${inMiB(most.childBytes)} of memory`);
    if (ofBrowser.bytes > most.browserBytes)
      exceed(`The pages used more than ${inMiB(most.browserBytes)} of memory`, 'PAGE_CRASH');
    if (memoryBytes !== undefined && ofChild.bytes + ofBrowser.bytes > memoryBytes)
      exceed(`The run used more than ${inMiB(memoryBytes)} of memory, the most that this device allows`);
    if (ofBrowser.pids.length > most.browserProcesses) exceed('The pages took more processes than they may');
    if ((cpuUs ?? 0) > cpuMs * 1000) {
      const who = ofChild.cpuUs > ofBrowser.cpuUs ? 'script' : 'pages';
      exceed(`The ${who} used more than ${cpuMs / 1000} seconds of processor time`);
    }
  };

  const watch = async () => {
    while (!over.aborted) {
      await look().catch(() => {}); // the next look may succeed: nothing may end the watch but the run's end
      const tooMuch = tooMuchIn(folders, bytesUnlinked(ofScript));
      if (tooMuch) exceed(tooMuch);
      await after(everyMs, undefined, { signal: over });
    }
  };
  watch().catch(() => {}); // the run is over

  return {
    exceeded,
    exceed,
    browserIs(pid) {
      processes.add({ root: pid, fromStart: false });
      void look().catch(() => {}); // as in the watch
    },
    async hasRoom() {
      await look().catch(() => {});
      return (cpuUs ?? 0) < cpuMs * 500;
    },
    async usage() {
      await look().catch(() => {}); // what was seen last counts
      return cpuUs === undefined ? undefined : { cpuUs, peakMemoryBytes };
    },
  };
}

/** What is wrong with what lies in folders, beside `bytes` that lie in none, if something is. Looks at no more files than there may be: a script could make looking expensive. */
function tooMuchIn(folders: readonly string[], bytes: number): string | undefined {
  let files = 0;
  const waiting = [...folders];
  try {
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      for (const entry of entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) waiting.push(path);
        else bytes += bytesOf(path);
        if (++files > most.files || bytes > most.diskBytes) return tooMuchOnDisk;
      }
    }
  } catch {
    return 'The run made files that can’t be looked at';
  }
  return undefined;
}

function entriesOf(folder: string): Dirent[] {
  return unlessHidden(() => readdirSync(folder, { withFileTypes: true })) ?? [];
}

function bytesOf(path: string): number {
  return unlessHidden(() => lstatSync(path).size) ?? 0;
}

/** Paths that are too long, or folders nobody may look into: what lies there would be counted by no one. */
const hidden = new Set(['EACCES', 'EPERM', 'ENAMETOOLONG']);

function unlessHidden<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (hidden.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return undefined; // it has gone meanwhile
  }
}

function inMiB(bytes: number): string {
  return `${bytes / MiB} MiB`;
}
