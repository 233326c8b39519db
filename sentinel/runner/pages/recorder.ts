import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { CdpMessage, Pipe } from '../browser/pipe.ts';
import { monotonicUs } from '../monotonic.ts';
import { type PageClock, pageClock } from './page-clock.ts';
import type { DocumentTimes } from './page-loads.ts';
import { watchPage } from './watch-page.ts';

/** An event in a page that can cause an answer, or typing. Times in ms since 1970 on the run's clock. */
const Mark = z.object({ kind: z.enum(['cause', 'type']), at: z.number(), changed: z.number() });
export type Mark = z.infer<typeof Mark>;

const time = z.number().nonnegative();
/** A page also says that it changed, and what its document came to. */
const Word = z.discriminatedUnion('kind', [
  Mark,
  z.object({ kind: z.literal('change'), at: z.number() }),
  z.object({
    kind: z.literal('document'),
    at: z.number(),
    origin: time,
    firstByte: time,
    domReady: time,
    load: time,
    paint: time,
  }),
]);

/** Who hears what pages say. */
export interface Listener {
  marked(mark: Mark): void;
  changed(): void;
  /** Times of the document that a page shows, as far as they are known. */
  timed(sessionId: string, times: DocumentTimes): void;
}

const FrameTimes = z.object({
  /** When the document's navigation began. */
  origin: z.number(),
  /** When it last changed. */
  changed: z.number(),
  /** When it reached each state; 0 if not yet. */
  load: z.number(),
  domcontentloaded: z.number(),
  commit: z.number(),
  now: z.number(),
});

/** Times of one frame. */
export interface PageTimes extends z.infer<typeof FrameTimes> {
  /** Whether it is the page itself, and not a frame in it. */
  isTop: boolean;
}

/** A page or frame the browser runs apart. `parent` is the session it was opened from, if it lies within a page. */
export interface Target {
  sessionId: string;
  targetId: string;
  isPage: boolean;
  parent: string | undefined;
}

interface Watched extends Target {
  /** Execution contexts of the recorder's world. */
  contexts: Map<number, Frame>;
  hasCrashed: boolean;
}

interface Frame {
  /** Whether it is the page itself, and not a frame in it. */
  isTop: boolean;
  clock: PageClock;
}

const readMs = 1000;

export interface Recorder {
  /** Begins to watch a page or frame; to be called before the session's target is let run. */
  attach(target: Target): void;
  detach(sessionId: string): void;
  /** Takes an event of a session; says whether it was the recorder's own, and not for the child. */
  take(message: CdpMessage): boolean;
  /** Times of every frame that answers within a second. */
  read(): Promise<PageTimes[]>;
  /** Whether the process of a session's page has died: it answers nothing any more. */
  hasCrashed(sessionId: string): boolean;
  /** When processes of pages died, µs. */
  crashes: readonly number[];
  /** The page of a session, and what lies in it that the browser runs apart. */
  targetsOf(sessionId: string): Target[];
  /** Runs an expression in every frame of one page; rejects unless all answer. */
  inFramesOf(sessionId: string, expression: string, timeoutMs: number): Promise<unknown[]>;
}

/**
 * Watches the pages of a run from a world of its own in each frame, which the page can neither see nor disturb (a page
 * that fakes its clock included). It is put in through the sessions the child's Playwright has with its pages, before
 * anything of the page runs. `runsMs` is the run's clock, ms since 1970.
 */
export function openRecorder(chromium: Pipe, listener: Listener, runsMs: () => number): Recorder {
  const watched = new Map<string, Watched>();
  // Names that a script can't know, so that it can't speak for the recorder.
  const world = `vedette-${randomBytes(8).toString('hex')}`;
  const [tellName, readName] = [`${world}-tell`, `${world}-read`];
  let interrupt = Promise.withResolvers<void>();
  const crashes: number[] = [];

  const evaluate = async (sessionId: string, contextId: number, expression: string, timeoutMs: number) => {
    const params = { expression, contextId, returnByValue: true };
    const { result, exceptionDetails } = await chromium.call('Runtime.evaluate', params, sessionId, timeoutMs);
    if (exceptionDetails) throw new Error('the page refused to be asked');
    return (result as { value?: unknown }).value;
  };

  const readFrame = async (sessionId: string, contextId: number, { isTop, clock }: Frame): Promise<PageTimes> => {
    const value = await evaluate(sessionId, contextId, `globalThis[${JSON.stringify(readName)}]()`, readMs);
    const times = FrameTimes.parse(value);
    clock.heard(times.now, runsMs());
    const onRuns = Object.entries(times).map(([name, ms]) => [name, clock.onRuns(ms)]);
    return { ...(Object.fromEntries(onRuns) as typeof times), isTop };
  };

  const hear = (sessionId: string, { isTop, clock }: Frame, word: z.infer<typeof Word>) => {
    clock.heard(word.at, runsMs());
    if (word.kind === 'change') listener.changed();
    else if (word.kind !== 'document')
      listener.marked({ ...word, at: clock.onRuns(word.at), changed: clock.onRuns(word.changed) });
    else if (isTop) listener.timed(sessionId, { ...word, origin: clock.onRuns(word.origin) });
  };

  const ofEvent: Record<string, (target: Watched, params: Record<string, unknown>) => boolean> = {
    'Runtime.executionContextCreated'(target, params) {
      const { id, name, auxData } = params.context as { id: number; name: string; auxData?: { frameId?: string } };
      if (name !== world) return false;
      const isTop = target.isPage && auxData?.frameId === target.targetId;
      target.contexts.set(id, { isTop, clock: pageClock() });
      return true;
    },
    'Runtime.executionContextDestroyed'(target, params) {
      return target.contexts.delete(Number(params.executionContextId));
    },
    'Runtime.executionContextsCleared'(target) {
      target.contexts.clear();
      return false;
    },
    'Inspector.targetCrashed'(target) {
      target.contexts.clear();
      target.hasCrashed = true;
      crashes.push(monotonicUs());
      return false;
    },
    'Runtime.bindingCalled'({ sessionId, contexts }, params) {
      if (params.name !== tellName) return false;
      const word = parsedWord(String(params.payload));
      const frame = contexts.get(Number(params.executionContextId));
      if (word) hear(sessionId, frame ?? { isTop: false, clock: pageClock() }, word);
      return true;
    },
    // No frame answers while a dialog is open, and the child could not close it while it is waited for.
    'Page.javascriptDialogOpening'() {
      interrupt.resolve();
      interrupt = Promise.withResolvers();
      return false;
    },
  };

  return {
    attach(target) {
      const { sessionId } = target;
      if ([...watched.values()].some((other) => other.targetId === target.targetId)) return;
      watched.set(sessionId, { ...target, contexts: new Map(), hasCrashed: false });
      const quietly = (method: string, params: Record<string, unknown>) =>
        chromium.forward({ method, params, sessionId }, () => {});
      const source = `(${watchPage.toString()})(${JSON.stringify(tellName)}, ${JSON.stringify(readName)})`;
      quietly('Page.addScriptToEvaluateOnNewDocument', { source, worldName: world, runImmediately: true });
      // After the script: before Runtime is enabled only a world that is there already gets it, such as that of about:blank.
      quietly('Runtime.addBinding', { name: tellName, executionContextName: world });
    },

    detach(sessionId) {
      if (watched.delete(sessionId)) listener.changed();
    },

    take({ method = '', params = {}, sessionId = '' }) {
      const target = watched.get(sessionId);
      return (target && ofEvent[method]?.(target, params)) ?? false;
    },

    async read() {
      const frames = [...watched.values()].flatMap(({ sessionId, contexts }) =>
        [...contexts].map(([id, frame]) => readFrame(sessionId, id, frame)),
      );
      const reads = Promise.allSettled(frames);
      const answers = await Promise.race([reads, interrupt.promise]);
      // A frame that went away while it was asked has nothing more to say.
      return (answers ?? []).flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    },

    hasCrashed: (sessionId) => watched.get(sessionId)?.hasCrashed ?? false,
    crashes,

    targetsOf: (sessionId) => [...watched.values()].filter((target) => isWithin(target, sessionId)),

    async inFramesOf(sessionId, expression, timeoutMs) {
      const targets = [...watched.values()].filter((target) => isWithin(target, sessionId));
      const frames = targets.flatMap((target) => [...target.contexts.keys()].map((id) => ({ ...target, id })));
      if (frames.length === 0) throw new Error('no frame is being watched');
      return Promise.all(frames.map((frame) => evaluate(frame.sessionId, frame.id, expression, timeoutMs)));
    },
  };

  function isWithin(target: Watched, page: string): boolean {
    if (target.sessionId === page) return true;
    const parent = target.parent === undefined ? undefined : watched.get(target.parent);
    return parent !== undefined && isWithin(parent, page);
  }
}

function parsedWord(payload: string): z.infer<typeof Word> | undefined {
  try {
    return Word.parse(JSON.parse(payload));
  } catch {
    return undefined; // a script got hold of the binding: what it says is no word of a page
  }
}
