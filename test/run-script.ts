import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../scripts-library/publish/bundle.ts';
import { librariesFolder } from '../sentinel/config.ts';
import { EvidencePolicy, type Run } from '../sentinel/protocol/messages.ts';
import { newRunId } from '../sentinel/protocol/run-id.ts';
import {
  type DetailedResult,
  type DetailedRunner,
  openRunner,
  type RunnerSettings,
  type RunRequest,
  type Trial,
} from '../sentinel/runner/runner.ts';
import { thriftyBrowser, usersBrowser } from './thrifty-browser.ts';

/** A runner with a folder of its own; both gone when it is disposed of. In the full run with the browser that users have. */
export async function buildRunner(trial?: Trial, wishes: Partial<RunnerSettings> = {}): Promise<DetailedRunner> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-runner-'));
  const libraries = librariesFolder();
  const shared = libraries === undefined ? {} : { libraries };
  const browser = process.env.VEDETTE_LONG ? usersBrowser : thriftyBrowser;
  const runner = await openRunner({ folder, browser, ...shared, allowRoot: true, log: () => {}, ...wishes }, trial);
  return {
    get sandboxLevel() {
      return runner.sandboxLevel;
    },
    get browser() {
      return runner.browser;
    },
    prepare: () => runner.prepare(),
    run: (request, signal) => runner.run(request, signal),
    rested: () => runner.rested(),
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface ScriptRun extends Partial<Omit<RunRequest, 'statement' | 'bundle'>> {
  /** Address of the application; its host is the one the script may reach. */
  url: string;
}

/** Runs a script, given as the author's file or as text. */
export async function runScript(
  runner: DetailedRunner,
  script: { file: string } | { source: string },
  run: ScriptRun,
): Promise<DetailedResult> {
  return runBundle(runner, await codeOf(script), run);
}

/** Runs code that no check has seen, as a hostile author with a genuine key could have signed it. Nothing of the run is left then. */
export async function runBundle(
  runner: DetailedRunner,
  code: string,
  { url, ...run }: ScriptRun,
): Promise<DetailedResult> {
  const host = new URL(url).host;
  const request: RunRequest = {
    id: newRunId(Date.now()),
    monitorId: '00000000-0000-4000-8000-000000000001',
    dueAt: Date.now(),
    statement: {
      customerId: '00000000-0000-4000-8000-000000000002',
      script: 'test.spec.ts',
      version: 1,
      bundleSha256: '0'.repeat(64),
      hosts: [host],
      secrets: [],
      keyId: 'test',
      signedAt: 0,
    },
    bundle: code,
    variables: {},
    secrets: {},
    hosts: [host],
    timeoutMs: 60_000,
    maskSelectors: [],
    evidence: EvidencePolicy.parse({}),
    ...run,
    use: { baseURL: url, ...run.use },
  };
  try {
    return await runner.run(request, new AbortController().signal);
  } finally {
    await runner.rested();
  }
}

/** Where the device is overloaded a run says that instead of what it waited for, and rightly: it is done again. */
export async function undisturbed<T extends { run: Run }>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    const result = await attempt();
    if (result.run.error?.code !== 'SENTINEL_OVERLOAD') return result;
  }
}

async function codeOf(script: { file: string } | { source: string }): Promise<string> {
  if ('file' in script) return (await bundle(script.file)).code;
  const folder = mkdtempSync(join(tmpdir(), 'vedette-script-'));
  try {
    const file = join(folder, 'test.spec.ts');
    writeFileSync(file, script.source);
    return (await bundle(file)).code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
