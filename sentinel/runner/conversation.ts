import { setTimeout as after } from 'node:timers/promises';
import { type Camera, openCamera, type Picture } from './camera.ts';
import { carrySockets } from './carried-sockets.ts';
import { ChannelFault } from './child-channel.ts';
import type { Chromium } from './chromium.ts';
import type { Passage } from './gate.ts';
import type { ChildError, FromChild, ToChild } from './messages.ts';
import { limitCode, type Progress } from './progress.ts';
import { openRecorder, type Recorder } from './recorder.ts';
import { openRelay, type Relay } from './relay.ts';
import type { RunFolders } from './run-folders.ts';
import type { RunRequest } from './runner.ts';
import type { Child } from './sandbox.ts';
import { isTrulyInside, takeUpload } from './uploads.ts';

/** Who takes part in a run. */
export interface Parties {
  request: RunRequest;
  child: Child;
  chromium: Chromium;
  passage: Passage;
  folders: RunFolders;
  progress: Progress;
  doorsOpen: boolean;
}

/** How a run ended: with its script's end, or with an error that ended it as a whole. */
export interface Ending {
  error: ChildError | undefined;
  picture: Picture | undefined;
  /** Version of the browser, if there was one. */
  browser: string | undefined;
  /** Whether the browser still answered. */
  browserAlive: boolean;
}

const pictureMs = 5000;
/** When the run is over nobody may hold it up any longer. */
const lastPictureMs = 2000;
const browserAnswersMs = 2000;
/** Calls a child may have open at the browser; Playwright has a few dozen at a time. */
const mostUnanswered = 1000;

/**
 * Talks with a child from its first word to its last, and carries what it says to the browser and to the hosts it may reach.
 * Its messages are dealt with one after the other: what one of them asks to be looked at is seen as it was then. Rejects
 * only with the signal's reason. The child and its contexts are gone at the end.
 */
export async function converse(parties: Parties, signal: AbortSignal): Promise<Ending> {
  const { request, child, chromium, progress } = parties;
  const recorder = openRecorder(chromium, progress.marked);
  const relay = relayOf(parties, recorder);
  const camera = openCamera({
    chromium,
    recorder,
    latestPage: relay.latestPage,
    maskSelectors: request.maskSelectors,
    secrets: Object.values(request.secrets),
  });
  const over = new AbortController();
  const abort = () => over.abort(signal.reason);
  signal.addEventListener('abort', abort);
  chromium.onEvent = relay.fromBrowser;
  try {
    signal.throwIfAborted();
    const error = await Promise.race([
      listen(parties, { recorder, relay, camera }, over.signal),
      browserGone(chromium),
      limitReached(request.timeoutMs, progress, over.signal),
      aborted(over.signal),
    ]);
    if (error && chromium.alive)
      await Promise.race([camera.take(lastPictureMs), after(lastPictureMs, undefined, { signal: over.signal })]);
    const browserAlive = await answers(chromium);
    return { error, picture: await camera.developed(), browser: chromium.version, browserAlive };
  } finally {
    over.abort();
    signal.removeEventListener('abort', abort);
    await child.kill();
    // A browser that does not confirm may still hold what this run opened: it is not given to another.
    if (!(await relay.close())) await chromium.close();
    chromium.onEvent = () => {};
  }
}

function relayOf({ chromium, child, folders }: Parties, recorder: Recorder): Relay {
  return openRelay({
    chromium,
    files: {
      upload: (path) => (typeof path === 'string' ? takeUpload(path, folders.scratch, folders.uploads) : undefined),
      downloadFolder: (path) => typeof path === 'string' && isTrulyInside(folders.scratch, path),
    },
    toChild: (message) => child.channel.send({ kind: 'cdp', message }),
    onAttached: recorder.attach,
    onDetached: recorder.detach,
    intercept: recorder.take,
  });
}

interface Instruments {
  recorder: Recorder;
  relay: Relay;
  camera: Camera;
}

/** Deals with the child's messages until it is done, gone, or does what no script has reason to do. */
async function listen(parties: Parties, instruments: Instruments, over: AbortSignal): Promise<ChildError | undefined> {
  const { child, progress, passage } = parties;
  const { relay } = instruments;
  const sockets = carrySockets(passage, child.channel.send);
  const tooMuch = { code: 'SCRIPT_LIMIT', message: 'The script began more at a time than any script has reason to.' };
  try {
    for await (const message of child.channel.messages()) {
      if (over.aborted) return undefined;
      if (message.kind === 'done') return message.loadError;
      progress.take(message);
      sockets.take(message);
      if (message.kind === 'ready') child.channel.send(startOrder(parties));
      else await act(message, instruments, progress);
      if (progress.isTooMuch || relay.unanswered > mostUnanswered) return tooMuch as ChildError;
    }
  } catch (error) {
    if (error instanceof ChannelFault) return { code: error.code, message: error.message };
    throw error;
  }
  return childGone(await child.gone, progress.testOpen);
}

async function act(message: FromChild, { relay, recorder, camera }: Instruments, progress: Progress): Promise<void> {
  if (message.kind === 'cdp') await relay.fromChild(message.message);
  else if (message.kind === 'waited') progress.waited(await recorder.read());
  else if (message.kind === 'arrived') progress.arrived(await recorder.read(), message.state);
  // The picture shows what the run's error tells of, which is the first test's that fails.
  else if (message.kind === 'failing' && !progress.tests.some(({ outcome }) => outcome === 'failed'))
    await camera.take(pictureMs);
}

function startOrder({ request, folders, doorsOpen }: Parties): ToChild {
  return {
    kind: 'start',
    bundle: request.bundle,
    file: request.statement.script,
    use: request.use,
    env: { ...request.variables, ...request.secrets },
    scratch: folders.scratch,
    testTimeoutMs: Math.min(30_000, request.timeoutMs),
    doorsOpen,
  };
}

async function browserGone(chromium: Chromium): Promise<ChildError> {
  await chromium.ended;
  return { code: 'SENTINEL_BROWSER', message: 'The browser ended during the run.' };
}

/** Asked of the browser itself, whose answer no page can hold up. */
function answers(chromium: Chromium): Promise<boolean> {
  return chromium.call('Browser.getVersion', {}, undefined, browserAnswersMs).then(
    () => true,
    () => false,
  );
}

async function limitReached(timeoutMs: number, progress: Progress, over: AbortSignal): Promise<ChildError> {
  await after(timeoutMs, undefined, { signal: over }).catch(() => {});
  const message = `The run took longer than its ${timeoutMs / 1000} seconds and was ended.`;
  return { code: limitCode(progress), message };
}

function aborted(over: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  over.addEventListener('abort', () => reject(over.reason), { once: true });
  promise.catch(() => {}); // also comes when the run is over, and nobody waits for it
  return promise;
}

function childGone(lastWords: string, testOpen: boolean): ChildError {
  if (/heap out of memory|Reached heap limit/.test(lastWords))
    return { code: 'SCRIPT_LIMIT', message: 'The script used more memory than it may.' };
  if (testOpen) return { code: 'SCRIPT_ERROR', message: 'The script ended its own process.' };
  const last = lastWords.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return { code: 'SENTINEL_SANDBOX', message: `The sandbox ended before the script began. ${last}`.trim() };
}
