import type { lookup } from 'node:dns';
import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { EvidencePolicy, Run, ScriptStatement, Use } from '../protocol/messages.ts';
import { findBrowser } from './browser/browser.ts';
import { openChromium } from './browser/chromium.ts';
import { pagesAhead } from './browser/page-ahead.ts';
import { sweepProfiles } from './browser/profile.ts';
import { type Wear, warmBrowser } from './browser/warm-browser.ts';
import { openGate } from './gate/gate.ts';
import { lookAtNetwork } from './gate/network.ts';
import type { Observe, TestResult } from './progress.ts';
import { runOnce } from './run.ts';
import { rehearse } from './sandbox/rehearsal.ts';
import { sweepRunFolders } from './sandbox/run-folders.ts';
import { type Child, openSandbox, type SandboxLevel, sandboxLevel } from './sandbox/sandbox.ts';
import { type SpareChild, spareChild } from './sandbox/spare-child.ts';

export interface RunnerSettings {
  /** The browser, by kind (`chromium`, `chrome`, `msedge`, `headless-shell`) or path; left out, one found on the machine. */
  browser?: string;
  /** Private folder for profiles and scratch folders. */
  folder: string;
  /**
   * Private folder for what children load, made ready when the first of its runners opens, and shared by all; left out, they
   * load the installed packages as they are, which takes them longer.
   */
  libraries?: string;
  allowRoot: boolean;
  /**
   * Whether the sentinel's server has answered since `sinceMs` (ms since 1970), or at the last try did not; undefined if
   * nothing is known. For telling a network that is down from an application that is.
   */
  serverAnswers?(sinceMs: number): boolean | undefined;
  /** How long a browser is kept for the next run, ms; left out, for ever. */
  browserIdleMs?(): number;
  /** Environment of the screen to show the browser on; left out, it is not shown. */
  display?: Record<string, string>;
  log(line: string): void;
}

export interface RunRequest {
  id: string;
  monitorId: string;
  dueAt: number;
  /** Verified by the caller, and so is that `bundle` has its hash. */
  statement: ScriptStatement;
  bundle: string;
  use: Use;
  variables: Record<string, string>;
  secrets: Record<string, string>;
  hosts: readonly string[];
  timeoutMs: number;
  /** As in Playwright's configuration; left out, its defaults. */
  testTimeoutMs?: number | undefined;
  expectTimeoutMs?: number | undefined;
  maskSelectors: readonly string[];
  evidence: EvidencePolicy;
  /** Evidence is kept of a run that passed too: of the latest page as the last test left it. */
  looksAtEnd?: true;
  /** A picture is taken at the end of each transaction that passes, and kept if the run does. */
  picturesWhenPassed?: true;
  /** What pages showed as text is not kept. */
  pageTexts?: 'never';
  /** What the device allows, where that is less than is usual. */
  most?: { cpuMs?: number; memoryBytes?: number };
}

export interface RunResult {
  run: Run;
  /** `whenPassed`: it shows what passed. */
  files: { sha256: string; mediaType: string; content: Buffer; whenPassed?: boolean }[];
}

/** A result with what `run` only sums up: each test with its transactions. */
export interface DetailedResult extends RunResult {
  tests: readonly TestResult[];
}

export interface Runner {
  readonly sandboxLevel: SandboxLevel;
  /** Version of the browser, once one was started. */
  readonly browser: string | undefined;
  /** A run is due soon: has a child ready for it, and if there was a browser one with a page. Does nothing while a run goes on. */
  prepare(): void;
  /**
   * Runs one script once. One run at a time. Rejects only with the signal's reason. What it used is put away after its
   * result is there, and before the next run begins.
   */
  run(request: RunRequest, signal: AbortSignal): Promise<RunResult>;
  /** Resolves when nothing of earlier runs is left: no page, no process, no file. */
  rested(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DetailedRunner extends Runner {
  /** `observe` hears of each transaction when it ends; what its error comes to is settled at the run's end. */
  run(request: RunRequest, signal: AbortSignal, observe?: Observe): Promise<DetailedResult>;
}

/** For trying a runner: a lower level than this machine gives, a child whose walls alone hold its script, another network. */
export interface Trial {
  sandboxLevel?: SandboxLevel;
  doorsOpen?: boolean;
  lookAtNetwork?: typeof lookAtNetwork;
  /** When the browser is renewed. */
  wear?: Wear;
  /** Asks a name server. */
  resolve?: typeof lookup;
}

/** Prepares to run scripts: measures the sandbox, opens the gate. The browser starts when the first script asks for it. */
export async function openRunner(settings: RunnerSettings, trial: Trial = {}): Promise<DetailedRunner> {
  refuseRoot(settings);
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  const folder = realpathSync(settings.folder);
  sweepProfiles(folder);
  await sweepRunFolders(folder, settings.log);
  const level = trial.sandboxLevel ?? (await sandboxLevel());
  const doorsOpen = trial.doorsOpen ?? false;
  const gate = await openGate(trial.resolve);
  const openBrowser = () => openChromium(browserOf(settings), folder, gate.address, settings.display);
  const browser = warmBrowser(openBrowser, settings.log, { wear: trial.wear, idleMs: settings.browserIdleMs });
  const ahead = pagesAhead();
  const closing = new AbortController();
  const rehearsed = (start: (scratch: string) => Child) =>
    rehearse(start, { folder, gate, openBrowser }, closing.signal);
  let spare: SpareChild | undefined;
  const sandbox = openSandbox(level, settings.libraries, rehearsed).then((opened) => {
    spare = spareChild(opened, folder);
    return spare;
  });
  let isRunning = false;
  let resting = Promise.resolve();

  return {
    sandboxLevel: level,
    get browser() {
      return browser.version;
    },
    prepare() {
      if (isRunning) return;
      spare?.prepare();
      if (browser.version !== undefined) ahead.prepare(resting.then(browser.ready));
    },
    async run(request, signal, observe = () => {}) {
      signal.throwIfAborted();
      if (isRunning) throw new Error('a runner does one run at a time');
      isRunning = true;
      const afterwards = new AsyncDisposableStack();
      try {
        await resting;
        afterwards.defer(browser.rest);
        const passage = afterwards.adopt(gate.open(request.hosts), (open) => open.close());
        const { child, folders } = (await sandbox).take();
        afterwards.defer(folders.remove);
        const serverAnswers = settings.serverAnswers ?? (() => undefined);
        const device = { serverAnswers, lookAtNetwork: trial.lookAtNetwork ?? lookAtNetwork };
        const given = { request, sandboxLevel: level, doorsOpen, child, folders, passage, observe, afterwards };
        const pages = { warm: () => ahead.settled().then(browser.get), takeAhead: ahead.take };
        return await runOnce({ ...given, ...device, ...pages }, signal);
      } finally {
        isRunning = false;
        resting = afterwards
          .disposeAsync()
          .catch((error) => settings.log(`what the run left can't be put away: ${error}`));
      }
    },
    rested: () => resting,
    async [Symbol.asyncDispose]() {
      await resting;
      gate.close();
      closing.abort();
      await (await sandbox).close();
      await browser.close();
    },
  };
}

function refuseRoot({ allowRoot }: RunnerSettings): void {
  if (process.getuid?.() === 0 && !allowRoot) {
    throw new Error(
      'The sentinel runs as root, which takes a wall away from the browser. Use an ordinary user, or add --allow-root.',
    );
  }
}

function browserOf({ browser, display }: RunnerSettings): string {
  const path = findBrowser(process.env, browser);
  if (path === undefined) {
    throw new Error(
      `No ${browser ?? 'browser'} was found. Install Google Chrome, Microsoft Edge or Chromium (on Debian: apt install chromium), or choose another with --browser.`,
    );
  }
  if (display && /headless[-_]shell/.test(path))
    throw new Error(`The browser ${path} has no window to show: name another with --browser.`);
  return path;
}
