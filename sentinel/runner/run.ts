import type { ChildProcess } from 'node:child_process';
import { sha256Hex } from '../protocol/statement.ts';
import type { Chromium } from './browser.ts';
import { type Picture, picture } from './evidence.ts';
import type { Gate } from './gate.ts';
import { masker } from './mask.ts';
import { type ChildError, FromChild, type ToChild } from './messages.ts';
import { limitCode, progress } from './progress.ts';
import { openRecorder } from './recorder.ts';
import { openRelay } from './relay.ts';
import type { RunRequest, RunResult } from './runner.ts';
import { killChild, type SandboxLevel, startChild } from './sandbox.ts';
import { verdict } from './verdict.ts';

export interface RunSurroundings {
  request: RunRequest;
  level: SandboxLevel;
  scratch: string;
  gate: Gate;
  warm(): Promise<Chromium>;
  signal: AbortSignal;
}

const forged: ChildError = {
  code: 'SCRIPT_ERROR',
  message: 'The script spoke to the sentinel in a way it must not.',
};

const pictureMs = 5000;
/** At the run's limit nobody may hold it up any longer. */
const lastPictureMs = 2000;

/** One run, from the fresh child to the result. Whatever happens becomes a result, but for an abort. */
export async function runOnce({ request, level, scratch, gate, warm, signal }: RunSurroundings): Promise<RunResult> {
  const startedAt = Date.now();
  const startUs = monotonicUs();
  const steps = progress(startUs);
  const mask = masker(Object.values(request.secrets));
  let shot: Picture | undefined;
  let browser: Chromium | undefined;

  const result = (ending: ChildError | undefined): RunResult => {
    if (ending) steps.cut(ending, monotonicUs());
    const { transactions, ...end } = verdict(steps.tests, steps.transactions, ending, gate.faults, mask);
    const wrong = end.outcome === 'failed' || end.outcome === 'errored';
    const files = wrong && shot && 'image' in shot ? [fileOf(shot)] : [];
    return {
      run: {
        id: request.id,
        monitorId: request.monitorId,
        scriptSha256: request.statement.bundleSha256,
        scriptVersion: request.statement.version,
        dueAt: request.dueAt,
        startedAt,
        durationUs: monotonicUs() - startUs,
        ...end,
        transactions: [...transactions],
        evidence: files.map((f) => ({
          kind: 'screenshot',
          sha256: f.sha256,
          bytes: f.content.length,
          mediaType: f.mediaType,
        })),
        ...(wrong && files.length === 0
          ? { evidenceMissing: shot && 'missing' in shot ? shot.missing : 'no page was open' }
          : {}),
        sandboxLevel: level,
        ...(browser ? { browser: browser.version } : {}),
      },
      files,
    };
  };

  const child = startChild(level, scratch);
  const gone = endOf(child, () => steps.testOpen); // from the start: it may end while the browser still warms up
  try {
    browser = await warm();
  } catch (error) {
    killChild(child);
    return result({ code: 'SENTINEL_BROWSER', message: error instanceof Error ? error.message : String(error) });
  }
  return await drive(child, browser);

  async function drive(process: ChildProcess, chromium: Chromium): Promise<RunResult> {
    const ended = Promise.withResolvers<ChildError | undefined>();
    const end = (error?: ChildError) => ended.resolve(error);
    const send = (message: ToChild) => void (process.connected && process.send(message, () => {}));
    const recorder = openRecorder(chromium, (mark) => steps.marked(mark));
    const relay = openRelay({
      chromium,
      scratch,
      toChild: (message) => send({ kind: 'cdp', message }),
      onAttached: recorder.attach,
      onDetached: recorder.detach,
      intercept: recorder.take,
    });
    chromium.onEvent = relay.fromBrowser;

    const takePicture = async (timeoutMs: number) => {
      const page = relay.latestPage();
      if (shot || !page) return;
      shot = await picture({
        chromium,
        sessionId: page.sessionId,
        inAllFrames: (expression, ms) => recorder.inAllFrames(expression, ms),
        maskSelectors: request.maskSelectors,
        secrets: Object.values(request.secrets),
        timeoutMs,
      });
    };

    const take = async (message: FromChild): Promise<void> => {
      steps.take(message);
      if (message.kind === 'done') return end(message.loadError);
      if (message.kind === 'waited') steps.waited(await recorder.read());
      if (message.kind === 'arrived') steps.arrived(await recorder.read(), message.state);
      if (message.kind === 'failing') await takePicture(pictureMs);
      if ('ask' in message) send({ kind: 'answer', ask: message.ask });
    };

    process.on('message', (raw) => {
      const parsed = FromChild.safeParse(raw);
      if (!parsed.success) return end(forged);
      const message = parsed.data;
      if (message.kind === 'cdp') {
        if (!relay.fromChild(message.message)) end(forged);
      } else if (message.kind === 'ready') send(startOrder());
      else void take(message);
    });
    void gone.then(end);
    const limit = setTimeout(() => end(limitReached()), request.timeoutMs);
    const abort = () => ended.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });

    try {
      let ending = await ended.promise;
      if (!chromium.alive) ending = { code: 'SENTINEL_BROWSER', message: 'The browser ended during the run.' };
      if (ending) await takePicture(lastPictureMs);
      return result(ending);
    } finally {
      clearTimeout(limit);
      signal.removeEventListener('abort', abort);
      killChild(process);
      await relay.close();
      chromium.onEvent = () => {};
    }
  }

  function startOrder(): ToChild {
    return {
      kind: 'start',
      bundle: request.bundle,
      file: request.statement.script,
      use: request.use,
      env: { ...request.variables, ...request.secrets },
      scratch,
      testTimeoutMs: Math.min(30_000, request.timeoutMs),
    };
  }

  function limitReached(): ChildError {
    const seconds = request.timeoutMs / 1000;
    return { code: limitCode(steps), message: `The run took longer than its ${seconds} seconds and was ended.` };
  }
}

/** Why a child ended before it said so, or could not even be started. */
function endOf(child: ChildProcess, testOpen: () => boolean): Promise<ChildError> {
  let words = '';
  child.stderr?.on('data', (data: Buffer) => {
    words = (words + data.toString()).slice(-2000);
  });
  child.stdout?.resume();
  return new Promise((resolve) => {
    child.once('error', (error) =>
      resolve({ code: 'SENTINEL_SANDBOX', message: `The sandbox could not be started: ${error.message}` }),
    );
    child.once('exit', () => resolve(childGone(testOpen(), words)));
  });
}

function childGone(testOpen: boolean, words: string): ChildError {
  if (/heap out of memory|Reached heap limit/.test(words)) {
    return { code: 'SCRIPT_LIMIT', message: 'The script used more memory than it may.' };
  }
  if (testOpen) return { code: 'SCRIPT_ERROR', message: 'The script ended its own process.' };
  const last = words.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return { code: 'SENTINEL_SANDBOX', message: `The sandbox ended before the script began. ${last}`.trim() };
}

function fileOf({ image, mediaType }: { image: Buffer; mediaType: string }) {
  return { sha256: sha256Hex(image), mediaType, content: image };
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
