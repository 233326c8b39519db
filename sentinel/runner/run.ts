import { availableParallelism } from 'node:os';
import { type Circumstances, outsideHost } from './attribution.ts';
import type { Chromium } from './browser/chromium.ts';
import type { PageAhead } from './browser/page-ahead.ts';
import { converse, type Ending, wentWrong } from './conversation.ts';
import type { Evidence } from './evidence/evidence.ts';
import { masker } from './evidence/mask.ts';
import { takeTrace } from './evidence/trace.ts';
import type { Passage } from './gate/gate.ts';
import type { lookAtNetwork } from './gate/network.ts';
import { type HostWatch, watchHost } from './host-facts.ts';
import { monotonicUs } from './monotonic.ts';
import { type Beginning, type Observe, progress } from './progress.ts';
import { resultOf } from './result.ts';
import type { DetailedResult, RunRequest } from './runner.ts';
import type { RunFolders } from './sandbox/run-folders.ts';
import type { Child, SandboxLevel } from './sandbox/sandbox.ts';

export interface RunSurroundings {
  request: RunRequest;
  sandboxLevel: SandboxLevel;
  /** For this run alone. */
  child: Child;
  folders: RunFolders;
  passage: Passage;
  doorsOpen: boolean;
  serverAnswers(sinceMs: number): boolean | undefined;
  lookAtNetwork: typeof lookAtNetwork;
  observe: Observe;
  /** A browser that is ready; rejects if there is none to be had. */
  warm(): Promise<Chromium>;
  /** What was opened for this run in its browser, if anything was. */
  takeAhead(chromium: Chromium): PageAhead | undefined;
  /** What is done when the result is told: nobody waits for it but the next run. */
  afterwards: AsyncDisposableStack;
}

/** One run, to its result. Whatever happens becomes a result, but for an abort. The child is gone afterwards. */
export async function runOnce(around: RunSurroundings, signal: AbortSignal): Promise<DetailedResult> {
  const { request, sandboxLevel, child, passage, observe } = around;
  const began: Beginning = { us: monotonicUs(), ms: Date.now() };
  using watch = watchHost();
  const mask = masker(Object.values(request.secrets));
  const told = progress(began, mask, observe);
  try {
    const ending = await converse({ ...around, progress: told, began }, signal);
    const endedUs = monotonicUs();
    if (ending.error) told.cut(ending.error, endedUs);
    const isWrong = wentWrong(told, ending.error);
    // Before the trace is made: that keeps the sentinel busy, which must not pass for a device that was.
    const circumstances = await circumstancesOf(around, watch, { began, endedUs }, ending, isWrong);
    if (request.evidence.trace && isWrong) await addTrace(around, ending.evidence);
    const story = { request, began, endedUs, tests: told.tests, ending, ...passage, mask, sandboxLevel };
    return resultOf({ ...story, circumstances });
  } finally {
    around.afterwards.defer(child.kill);
  }
}

/** What the child recorded; when it is gone nothing changes its files any more. */
async function addTrace({ request, child, folders }: RunSurroundings, evidence: Evidence | undefined): Promise<void> {
  if (!evidence) return;
  await child.kill();
  const unreadable = () => ({ missing: 'the trace could not be read' }); // whatever a child made of it, its run is told
  const trace = await takeTrace(folders.scratch, Object.values(request.secrets), evidence.hidden).catch(unreadable);
  if ('missing' in trace) evidence.missing.push(trace.missing);
  else evidence.files.push({ kind: 'trace', mediaType: 'application/zip', content: trace });
}

/** How the device was; what can be in trouble besides is looked at when something went wrong. */
async function circumstancesOf(
  { request: { hosts }, passage: { reached }, serverAnswers, lookAtNetwork }: RunSurroundings,
  watch: HostWatch,
  { began, endedUs }: { began: Beginning; endedUs: number },
  { browserAlive, crashes, usage }: Ending,
  isWrong: boolean,
): Promise<Circumstances> {
  const host = watch.facts();
  const wholeUs = (monotonicUs() - began.us) * availableParallelism();
  const run = { fromUs: began.us, toUs: endedUs };
  const ownCpu = usage && usage.cpuUs / wholeUs;
  const common = { hosts, reached, ownCpu, crashes, run, heldUpUs: watch.heldUpUs };
  if (!isWrong) return { ...common, host };
  const outside = outsideHost(hosts);
  const network = outside === undefined ? {} : { network: await lookAtNetwork(outside, serverAnswers(began.ms)) };
  return { ...common, host: { ...host, ...network, ...(browserAlive === undefined ? {} : { browserAlive }) } };
}
