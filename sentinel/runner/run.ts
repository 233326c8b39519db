import type { Chromium } from './chromium.ts';
import { converse, type Ending } from './conversation.ts';
import type { Passage } from './gate.ts';
import { masker } from './mask.ts';
import { type Beginning, progress } from './progress.ts';
import { resultOf } from './result.ts';
import type { RunFolders } from './run-folders.ts';
import type { DetailedResult, RunRequest } from './runner.ts';
import { type Child, type SandboxLevel, startChild } from './sandbox.ts';

export interface RunSurroundings {
  request: RunRequest;
  sandboxLevel: SandboxLevel;
  folders: RunFolders;
  passage: Passage;
  doorsOpen: boolean;
  /** A browser that is ready; rejects if there is none to be had. */
  warm(): Promise<Chromium>;
}

/** One run, from the fresh child to the result. Whatever happens becomes a result, but for an abort. */
export async function runOnce(around: RunSurroundings, signal: AbortSignal): Promise<DetailedResult> {
  const { request, sandboxLevel, folders, passage } = around;
  const began: Beginning = { us: monotonicUs(), ms: Date.now() };
  const mask = masker(Object.values(request.secrets));
  const told = progress(began, mask);
  const child = startChild(sandboxLevel, folders.scratch);
  try {
    const ending = await drive(child, told, around, signal);
    const endedUs = monotonicUs();
    if (ending.error) told.cut(ending.error, endedUs);
    return resultOf({ request, began, endedUs, tests: told.tests, ending, ...passage, mask, sandboxLevel });
  } finally {
    await child.kill();
  }
}

/** The child loads while the browser starts, if it has to. */
async function drive(
  child: Child,
  told: ReturnType<typeof progress>,
  { warm, ...around }: RunSurroundings,
  signal: AbortSignal,
): Promise<Ending> {
  let chromium: Chromium;
  try {
    chromium = await unlessAborted(warm(), signal);
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code: 'SENTINEL_BROWSER', message }, picture: undefined, browser: undefined };
  }
  return converse({ ...around, child, chromium, progress: told }, signal);
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => {}); // it may come to nothing when nobody waits any more
  }
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
