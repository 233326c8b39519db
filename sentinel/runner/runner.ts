import { globSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run, ScriptStatement, Use } from '../protocol/messages.ts';
import { type Chromium, findBrowser, openChromium, sweepProfiles } from './browser.ts';
import { openGate } from './gate.ts';
import { runOnce } from './run.ts';
import { type SandboxLevel, sandboxLevel } from './sandbox.ts';

export interface RunnerSettings {
  /** Path of the browser; left out, one found on the machine. */
  browser?: string;
  /** Private folder for profiles and scratch folders. */
  folder: string;
  allowRoot: boolean;
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
  maskSelectors: readonly string[];
}

export interface RunResult {
  run: Run;
  files: { sha256: string; mediaType: string; content: Buffer }[];
}

export interface Runner {
  readonly sandboxLevel: SandboxLevel;
  /** Version of the browser, once one was started. */
  readonly browser: string | undefined;
  /** Runs one script once. One run at a time. Rejects only with the signal's reason. */
  run(request: RunRequest, signal: AbortSignal): Promise<RunResult>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A fresh browser after this many runs, so that what leaks in a browser never grows. */
const runsPerBrowser = 200;

/** Prepares to run scripts: finds the browser, measures the sandbox, opens the gate. The browser starts with the first run. */
export async function openRunner(settings: RunnerSettings): Promise<Runner> {
  if (process.getuid?.() === 0 && !settings.allowRoot) {
    throw new Error(
      'The sentinel runs as root, which takes a wall away from the browser. Use an ordinary user, or add --allow-root.',
    );
  }
  const path = settings.browser ?? findBrowser(process.env);
  if (path === undefined) {
    throw new Error(
      'No browser was found. Install Google Chrome, Microsoft Edge or Chromium (on Debian: apt install chromium), or name one with --browser.',
    );
  }
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  const folder = realpathSync(settings.folder);
  sweep(folder);
  const [level, gate] = await Promise.all([sandboxLevel(), openGate()]);
  let chromium: Chromium | undefined;
  let runs = 0;

  const warm = async (): Promise<Chromium> => {
    if (chromium && (!chromium.alive || runs >= runsPerBrowser)) {
      settings.log(chromium.alive ? 'the browser is renewed' : 'the browser had died and is started again');
      await chromium.close();
      chromium = undefined;
    }
    if (!chromium) {
      runs = 0;
      chromium = await openChromium(path, folder, gate.address);
    }
    runs++;
    return chromium;
  };

  return {
    sandboxLevel: level,
    get browser() {
      return chromium?.version;
    },
    async run(request, signal) {
      signal.throwIfAborted();
      const scratch = mkdtempSync(join(folder, 'scratch-'));
      gate.allow(request.hosts);
      try {
        return await runOnce({ request, level, scratch, gate, warm, signal });
      } finally {
        gate.allow([]);
        rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
      }
    },
    async [Symbol.asyncDispose]() {
      gate.close();
      await chromium?.close();
    },
  };
}

/** Takes away what a killed sentinel left; a folder belongs to one sentinel at a time. */
function sweep(folder: string): void {
  sweepProfiles(folder);
  for (const scratch of globSync('scratch-*', { cwd: folder }))
    rmSync(join(folder, scratch), { recursive: true, force: true });
}
