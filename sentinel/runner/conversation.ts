import { setTimeout as after } from 'node:timers/promises';
import type { ErrorCode } from '../protocol/error-codes.ts';
import type { Usage } from '../protocol/messages.ts';
import type { Chromium } from './browser/chromium.ts';
import type { PageAhead } from './browser/page-ahead.ts';
import type { Evidence, EvidenceFile } from './evidence/evidence.ts';
import type { Pause, Pauses } from './evidence/pauses.ts';
import { carrySockets } from './gate/carried-sockets.ts';
import type { Passage } from './gate/gate.ts';
import { type Instruments, openInstruments } from './instruments.ts';
import type { ChildError, FromChild, ToChild } from './messages.ts';
import { monotonicUs } from './monotonic.ts';
import type { LoadedDocument } from './pages/page-loads.ts';
import { type Beginning, limitCode, type Progress } from './progress.ts';
import type { RunRequest } from './runner.ts';
import { ChannelFault } from './sandbox/child-channel.ts';
import { type LimitWatch, watchLimits } from './sandbox/limits.ts';
import type { RunFolders } from './sandbox/run-folders.ts';
import type { Child, Departure } from './sandbox/sandbox.ts';
import { deviceTimeZone } from './time-zone.ts';

/** Who takes part in a run. */
export interface Parties {
  request: RunRequest;
  child: Child;
  /** A browser that is ready; rejects if there is none to be had. Asked for with the child's first command for it. */
  warm(): Promise<Chromium>;
  /** What was opened for this run in its browser, if anything was. */
  takeAhead(chromium: Chromium): PageAhead | undefined;
  passage: Passage;
  folders: RunFolders;
  progress: Progress;
  began: Beginning;
  doorsOpen: boolean;
  /** What is done when the run's result is told. */
  afterwards: AsyncDisposableStack;
}

/** How a run ended: with its script's end, or with an error that ended it as a whole. */
export interface Ending {
  error: ChildError | undefined;
  evidence: Evidence | undefined;
  /** Pictures of transactions that passed. */
  pictures: EvidenceFile[];
  /** When the run waited while its pages were looked at. */
  pauses: readonly Pause[];
  /** What the pages loaded. */
  documents: readonly LoadedDocument[];
  /** When processes of its pages died, µs. */
  crashes: readonly number[];
  /** Version of the browser, if there was one. */
  browser: string | undefined;
  /** Whether the browser still answered, if there was one and something went wrong. */
  browserAlive: boolean | undefined;
  /** None where the system does not tell. */
  usage: Usage | undefined;
}

const lookMs = 5000;
/** A run that has waited so long while it was looked at is looked at no more before a test of its has ended. */
const mostPausedUs = 20_000_000;
/** When the run is over nobody may hold it up any longer. */
const lastLookMs = 2000;
const browserAnswersMs = 2000;
/** What a child takes until it can begin: a script alone that is busy then meets its time limit first, which tells where it was. */
const readyCpuMs = 1000;
/** Calls a child may have open at the browser; Playwright has a few dozen at a time. */
const mostUnanswered = 1000;

/**
 * Talks with a child from its first word to its last, and carries what it says to the browser and to the hosts it may reach.
 * Its messages are dealt with one after the other: what one of them asks to be looked at is seen as it was then. Rejects
 * only with the signal's reason. The child is killed at the end; it is gone, and so are its contexts, afterwards.
 */
export async function converse(parties: Parties, signal: AbortSignal): Promise<Ending> {
  const { request, child, folders, progress } = parties;
  const over = new AbortController();
  const { cpuMs = Number.POSITIVE_INFINITY, memoryBytes } = request.most ?? {};
  const allowed = { cpuMs: Math.min(cpuMs, request.timeoutMs + readyCpuMs), memoryBytes };
  const watched = { child: child.pid, folders: [folders.scratch, folders.uploads], ...allowed };
  const limits = watchLimits(watched, over.signal);
  const demand = browserOnDemand(parties, limits);
  const abort = () => over.abort(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    const error = await Promise.race([
      listen(parties, demand, over.signal),
      demand.browserGone,
      limits.exceeded,
      limitReached(request.timeoutMs, progress, demand, over.signal),
      aborted(over.signal),
    ]);
    const { instruments } = demand;
    if (error && instruments?.chromium.alive)
      await Promise.race([
        instruments.evidence.take(lastLookMs),
        after(lastLookMs, undefined, { signal: over.signal }).catch(() => signal.throwIfAborted()),
      ]);
    const browserAlive = instruments && wentWrong(progress, error) ? await answers(instruments.chromium) : undefined;
    const evidence = await instruments?.evidence.gathered();
    const usage = await limits.usage();
    const documents = instruments?.pageLoads.documents() ?? [];
    const pauses = instruments?.pauses.all ?? [];
    const pictures = instruments?.pictures.files() ?? [];
    const { crashes = [] } = instruments?.recorder ?? {};
    const browser = instruments?.chromium.version;
    return { error, evidence, pictures, pauses, documents, crashes, browser, browserAlive, usage };
  } finally {
    over.abort();
    signal.removeEventListener('abort', abort);
    parties.afterwards.defer(async () => demand.instruments?.close());
    void child.kill();
  }
}

/** Whether the run ended with an error, or one of its tests failed. */
export function wentWrong({ tests }: Pick<Progress, 'tests'>, error: ChildError | undefined): boolean {
  return error !== undefined || tests.some(({ outcome }) => outcome === 'failed');
}

interface Demand {
  /** None as long as the child has not asked for the browser. */
  readonly instruments: Instruments | undefined;
  /** Whether the child has asked for the browser and waits for it to be there. */
  readonly isOpening: boolean;
  /** Resolves when the browser that was opened is gone. */
  readonly browserGone: Promise<ChildError>;
  /** Opens the browser if it is not; says why there is none. When the run is over meanwhile, nothing is opened. */
  open(over: AbortSignal): Promise<ChildError | undefined>;
}

/** A script that opens no page has no browser. */
function browserOnDemand(parties: Parties, limits: LimitWatch): Demand {
  const gone = Promise.withResolvers<ChildError>();
  let instruments: Instruments | undefined;
  let isOpening = false;
  return {
    get instruments() {
      return instruments;
    },
    get isOpening() {
      return isOpening;
    },
    browserGone: gone.promise,
    async open(over) {
      if (instruments) return undefined;
      let chromium: Chromium;
      isOpening = true;
      try {
        chromium = await parties.warm();
        isOpening = false;
      } catch (error) {
        return { code: 'SENTINEL_BROWSER', message: error instanceof Error ? error.message : String(error) };
      }
      if (over.aborted) return undefined;
      limits.browserIs(chromium.pid);
      instruments = openInstruments(chromium, parties, limits);
      void chromium.ended.then(() => gone.resolve(browserGone(chromium)));
      return undefined;
    },
  };
}

/** Deals with the child's messages until it is done, gone, or does what no script has reason to do. */
async function listen(parties: Parties, demand: Demand, over: AbortSignal): Promise<ChildError | undefined> {
  const { child, progress, passage } = parties;
  const sockets = carrySockets(passage, child.channel.send);
  const tooMuch = { code: 'SCRIPT_LIMIT', message: 'The script began more at a time than any script has reason to.' };
  try {
    for await (const message of child.channel.messages()) {
      if (over.aborted) return undefined;
      if (message.kind === 'done') return message.loadError;
      progress.take(message);
      sockets.take(message);
      if (message.kind === 'ready') child.channel.send(startOrder(parties));
      else if (message.kind === 'cdp') {
        const missing = await demand.open(over);
        if (missing) return missing;
        await demand.instruments?.relay.fromChild(message.message);
      } else if (message.kind === 'picture') {
        if (parties.request.picturesWhenPassed) await demand.instruments?.pictures.take();
        child.channel.send({ kind: 'pictured' });
      } else {
        await look(message, demand.instruments, progress);
        if (message.kind === 'failing') child.channel.send({ kind: 'pictured' });
      }
      if (progress.isTooMuch || (demand.instruments?.relay.unanswered ?? 0) > mostUnanswered)
        return tooMuch as ChildError;
    }
  } catch (error) {
    if (error instanceof ChannelFault) return { code: error.code, message: error.message };
    throw error;
  }
  return childGone(await child.gone, progress.testOpen);
}

/** Looks at the pages when the child says that now is the time. */
async function look(message: FromChild, instruments: Instruments | undefined, progress: Progress): Promise<void> {
  if (!instruments) return;
  const { recorder, evidence, pauses } = instruments;
  if (message.kind === 'waited') progress.waited(await recorder.read());
  else if (message.kind === 'arrived') progress.arrived(await recorder.read(), message.state);
  // The evidence shows what the run's error tells of, which is the first test's that fails.
  else if (progress.tests.some(({ outcome }) => outcome === 'failed')) return;
  else if (message.kind === 'passing') await pauses.during(() => evidence.take(lookMs));
  else if (message.kind === 'test-end') evidence.forgetCaught();
  else if (message.kind === 'failing') {
    if (pauses.us() > mostPausedUs && !message.at.startsWith('end')) return evidence.forgetCaught();
    await pauses.during(() => evidence.take(lookMs, message.at));
  }
}

function startOrder({ request, folders, doorsOpen }: Parties): ToChild {
  return {
    kind: 'start',
    bundle: request.bundle,
    file: request.statement.script,
    use: request.use,
    env: { TZ: deviceTimeZone(), ...request.variables, ...request.secrets },
    scratch: folders.scratch,
    testTimeoutMs: Math.min(request.testTimeoutMs ?? 30_000, request.timeoutMs),
    expectTimeoutMs: request.expectTimeoutMs,
    trace: request.evidence.trace,
    looksAtEnd: request.looksAtEnd ?? false,
    picturesWhenPassed: request.picturesWhenPassed ?? false,
    doorsOpen,
  };
}

/** Asked of the browser itself, whose answer no page can hold up. */
function answers(chromium: Chromium): Promise<boolean> {
  return chromium.call('Browser.getVersion', {}, undefined, browserAnswersMs).then(
    () => true,
    () => false,
  );
}

function browserGone({ overfull }: Chromium): ChildError {
  if (overfull) return { code: 'SCRIPT_LIMIT', message: 'A page was asked for more at once than a sentinel can hold.' };
  return { code: 'SENTINEL_BROWSER', message: 'The browser ended during the run.' };
}

/** Resolves when the run has taken its time, without that in which it waited while its pages were looked at. */
export async function limitReached(
  timeoutMs: number,
  progress: Progress,
  demand: Pick<Demand, 'isOpening'> & { instruments: { pauses: Pick<Pauses, 'us'> } | undefined },
  over: AbortSignal,
): Promise<ChildError> {
  const began = monotonicUs();
  const leftMs = () => timeoutMs - (monotonicUs() - began - (demand.instruments?.pauses.us() ?? 0)) / 1000;
  for (let left = timeoutMs; left > 0 && !over.aborted; left = leftMs())
    await after(left, undefined, { signal: over }).catch(() => {});
  if (demand.isOpening)
    return {
      code: 'SENTINEL_BROWSER',
      message: `The browser was not ready within the run's ${timeoutMs / 1000} seconds.`,
    };
  const code = limitCode(progress);
  const message = `The run took longer than its ${timeoutMs / 1000} seconds and was ended. ${whoWasBusy(code, progress)}`;
  return { code, message };
}

function whoWasBusy(code: ErrorCode, { where }: Progress): string {
  if (code === 'TIMEOUT') return `"${where}" was waiting for the page.`;
  if (code !== 'SCRIPT_LIMIT') return 'The script had not begun.';
  return `${where === undefined ? 'While it was loaded' : `In "${where}"`} the script was busy with itself.`;
}

function aborted(over: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  over.addEventListener('abort', () => reject(over.reason), { once: true });
  promise.catch(() => {}); // also comes when the run is over, and nobody waits for it
  return promise;
}

function childGone({ words, crashed }: Departure, testOpen: boolean): ChildError {
  if (testOpen && (crashed || /heap out of memory|Reached heap limit/.test(words)))
    return { code: 'SCRIPT_LIMIT', message: 'The script used more memory than it may.' };
  if (testOpen) return { code: 'SCRIPT_ERROR', message: 'The script ended its own process.' };
  const lines = words.trim().split('\n');
  const last = (lines.findLast((line) => /^(\w*Error|bwrap):/.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
  return { code: 'SENTINEL_SANDBOX', message: `The sandbox ended before the script began. ${last}`.trim() };
}
