import { EvidencePolicy } from '../../protocol/messages.ts';
import { newRunId } from '../../protocol/run-id.ts';
import type { Chromium } from '../browser/chromium.ts';
import type { Gate } from '../gate/gate.ts';
import { runOnce } from '../run.ts';
import type { RunRequest } from '../runner.ts';
import { newRunFolders } from './run-folders.ts';
import type { Child } from './sandbox.ts';

const nobody = '00000000-0000-4000-8000-000000000000';
const longestMs = 20_000;

const request: Omit<RunRequest, 'id' | 'dueAt'> = {
  monitorId: nobody,
  statement: {
    customerId: nobody,
    script: 'rehearsal.spec.ts',
    version: 1,
    bundleSha256: '0'.repeat(64),
    hosts: [],
    secrets: [],
    keyId: 'none',
    signedAt: 0,
  },
  bundle: '', // the child has its own
  use: {},
  variables: {},
  secrets: {},
  hosts: [],
  timeoutMs: longestMs,
  maskSelectors: [],
  evidence: EvidencePolicy.parse({ screenshot: 'none' }),
};

export interface Stage {
  folder: string;
  gate: Pick<Gate, 'open'>;
  /** A browser for this alone. */
  openBrowser(): Promise<Chromium>;
}

/**
 * Has a child do once what runs do, and nobody hears of it: by that it has compiled what the children of runs need. `start`
 * starts the one that is kept for them. Where there is no browser, it is what loading needs. Rejects only with the signal's reason.
 */
export async function rehearse(start: (scratch: string) => Child, stage: Stage, signal: AbortSignal): Promise<void> {
  const folders = newRunFolders(stage.folder);
  const passage = stage.gate.open([]);
  const afterwards = new AsyncDisposableStack();
  let browser: Promise<Chromium> | undefined;
  const warm = () => {
    browser ??= stage.openBrowser();
    return browser;
  };
  try {
    const now = Date.now();
    const pages = { warm, takeAhead: () => undefined };
    const silent = { observe() {}, serverAnswers: () => undefined, lookAtNetwork: async () => ({ interface: true }) };
    const run = { request: { ...request, id: newRunId(now), dueAt: now }, sandboxLevel: 3 as const, doorsOpen: false };
    await runOnce({ ...run, ...silent, child: start(folders.scratch), folders, passage, ...pages, afterwards }, signal);
  } finally {
    await afterwards.disposeAsync();
    passage.close();
    await (await browser?.catch(() => undefined))?.close();
    await folders.remove();
  }
}
